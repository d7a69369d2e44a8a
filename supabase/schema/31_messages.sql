-- Messages, bookings and notes.

create table if not exists public.messages (
  id uuid primary key default gen_random_uuid(),
  -- Order of storing; what lists are sorted by.
  ordinal bigint generated always as identity,
  organization_id text not null,
  contact_id uuid,
  instance_id uuid not null,
  direction text not null check (direction in ('inbound', 'outbound')),
  content text not null default '',
  content_type text not null default 'conversation',
  whatsapp_message_id text,
  chat_jid text,
  -- The contact, or the chat where there is none. Part of the identity: senders choose their message ids.
  chat_key text not null,
  status text not null
    check (status in ('received', 'pending', 'sent', 'delivered', 'read', 'played', 'failed', 'unknown')),
  error text,
  -- The row that it came from, which may have been purged since.
  inbox_id bigint,
  sent_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Chosen by the caller; names one message of the instance for as long as its row is kept.
  idempotency_key text check (char_length(idempotency_key) between 1 and 255),
  -- Of what the caller asked for under the key.
  request_hash text,
  -- The account that it was to leave from: it is never repeated from another one.
  sent_from text,
  -- How often it was written again under its id.
  repeats int not null default 0,
  -- What it is (MESSAGE_TYPES); `content` is what is read of it, and `metadata` what is in it.
  type text not null default 'text',
  metadata jsonb,
  -- What it answers: { whatsapp_message_id, from_me, content }.
  reply_to jsonb,
  mentions jsonb,
  is_forwarded boolean not null default false,
  is_view_once boolean not null default false,
  edited_at timestamptz,
  -- Taken back for everyone; nothing of what it said is left.
  deleted_at timestamptz,
  -- What later changes to it are sealed with; sealed itself.
  secret bytea,
  -- What was sent, as it was; sealed.
  payload bytea,
  -- When it became what: { sent, delivered, read, played }.
  status_at jsonb,
  -- What was asked for, without secrets.
  request jsonb,
  -- The message that it changes: an edit, a deletion or a reaction of ours shows nothing by itself.
  change_of uuid,
  -- Where it was written, unless in a chat with one person, and by whom.
  group_id uuid,
  sender_phone text,
  sender_lid text,
  sender_name text,
  -- Why the service wrote it by itself; null: somebody did.
  reason text,
  unique (instance_id, direction, chat_key, whatsapp_message_id),
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
-- With the direction what is unread is counted without reading a message.
create index if not exists idx_messages_contact on public.messages (contact_id, ordinal desc) include (direction);
create index if not exists idx_messages_organization on public.messages (organization_id, ordinal desc);
create index if not exists idx_messages_sent on public.messages (organization_id, sent_at desc);
create index if not exists idx_messages_group on public.messages (group_id, ordinal desc) where group_id is not null;
create index if not exists idx_messages_group_id on public.messages (group_id, whatsapp_message_id) where group_id is not null;
create index if not exists idx_messages_sender_phone on public.messages (organization_id, sender_phone, ordinal)
  where sender_phone is not null;
create index if not exists idx_messages_sender_lid on public.messages (organization_id, sender_lid, ordinal)
  where sender_lid is not null;
create index if not exists idx_messages_instance_ordinal on public.messages (instance_id, ordinal desc);
create index if not exists idx_messages_outbound on public.messages (instance_id, whatsapp_message_id)
  where direction = 'outbound';
-- Of what most messages are not, so that receiving a text has none of these to keep.
create index if not exists idx_messages_sent_from on public.messages (instance_id, ordinal desc) where direction = 'outbound';
create index if not exists idx_messages_sent_by on public.messages (organization_id, ordinal desc) where direction = 'outbound';
create index if not exists idx_messages_status on public.messages (organization_id, status, ordinal desc)
  where status in ('pending', 'failed', 'unknown', 'played');
create index if not exists idx_messages_type on public.messages (organization_id, type, ordinal desc) where type <> 'text';
create unique index if not exists idx_messages_idempotency on public.messages (instance_id, idempotency_key)
  where idempotency_key is not null;
create index if not exists idx_messages_change on public.messages (change_of) where change_of is not null;
create index if not exists idx_messages_open on public.messages (instance_id, ordinal)
  where direction = 'outbound' and status in ('pending', 'unknown');
-- Messages in chats that have no contact are few: looking for a person's among them must not read all the others.
create index if not exists idx_messages_without_contact on public.messages (organization_id, ordinal)
  where contact_id is null and group_id is null;

do $$
begin
  if not exists (select from pg_catalog.pg_constraint c where c.conname = 'messages_group_id_fkey') then
    alter table public.messages add constraint messages_group_id_fkey
      foreign key (group_id) references public.groups (id) on delete cascade;
  end if;
end
$$;

-- What nobody knew when it came is little, and looked for after an upgrade.
create index if not exists idx_messages_unsupported on public.messages (organization_id, instance_id) where type = 'unsupported';

create table if not exists public.bookings (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null,
  contact_id uuid not null,
  instance_id uuid,
  status text not null default 'pending' check (status in ('pending', 'confirmed', 'cancelled', 'completed')),
  source text not null default 'whatsapp',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  title text,
  notes text,
  starts_at timestamptz,
  ends_at timestamptz,
  -- Under which name a caller made it, and what the call was.
  idempotency_key text,
  request_hash text,
  -- Whose it is of those who were merged into the contact by a person, unless of the contact itself.
  person_id uuid,
  -- Why the service opened it by itself: first_message, of the contact, or policy; null: somebody made it.
  reason text,
  -- One of the organization's services, and how that was called then.
  service_id uuid,
  service text,
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create unique index if not exists uq_bookings_idempotency_key on public.bookings (organization_id, idempotency_key)
  where idempotency_key is not null;
create index if not exists idx_bookings_start on public.bookings (organization_id, starts_at, id) where starts_at is not null;
create index if not exists idx_bookings_contact on public.bookings (contact_id, created_at desc);
create index if not exists idx_bookings_pending on public.bookings (contact_id, created_at, id) where status = 'pending';
create index if not exists idx_bookings_organization on public.bookings (organization_id, created_at desc, id desc);

create table if not exists public.notes (
  id uuid primary key default gen_random_uuid(),
  ordinal bigint generated always as identity,
  organization_id text not null,
  contact_id uuid,
  -- Null, as the id, for what somebody wrote here and not on the phone.
  instance_id uuid,
  content text not null,
  content_type text not null default 'conversation',
  whatsapp_message_id text,
  chat_key text not null,
  inbox_id bigint,
  sent_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  -- As those of a message.
  type text not null default 'text',
  metadata jsonb,
  reply_to jsonb,
  mentions jsonb,
  is_forwarded boolean not null default false,
  is_view_once boolean not null default false,
  edited_at timestamptz,
  deleted_at timestamptz,
  secret bytea,
  -- Who wrote it here: { kind, id, name }; null for what the owner wrote on the phone.
  created_by jsonb,
  unique (instance_id, chat_key, whatsapp_message_id),
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_notes_contact on public.notes (contact_id, ordinal desc);
create index if not exists idx_notes_organization on public.notes (organization_id, ordinal desc);
create index if not exists idx_notes_unsupported on public.notes (organization_id, instance_id) where type = 'unsupported';
create index if not exists idx_notes_without_contact on public.notes (organization_id, ordinal) where contact_id is null;

alter table public.messages enable row level security;
alter table public.bookings enable row level security;
alter table public.notes enable row level security;
revoke all on public.messages, public.bookings, public.notes from public, anon, authenticated;
grant select, insert, update, delete on public.messages, public.bookings, public.notes to service_role;
revoke all on sequence public.messages_ordinal_seq from public, anon, authenticated;
grant usage, select on sequence public.messages_ordinal_seq to service_role;
revoke all on sequence public.notes_ordinal_seq from public, anon, authenticated;
grant usage, select on sequence public.notes_ordinal_seq to service_role;
grant select on public.messages, public.bookings, public.notes to authenticated;
drop policy if exists members_read on public.messages;
create policy members_read on public.messages for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.bookings;
create policy members_read on public.bookings for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.notes;
create policy members_read on public.notes for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

create or replace trigger touch_updated_at before update on public.messages
  for each row execute function public.touch_updated_at();
create or replace trigger touch_updated_at before update on public.bookings
  for each row execute function public.touch_updated_at();

-- A message inserted with contact, instance, direction and content alone gets the rest from them.
create or replace function public.complete_message() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if new.organization_id is null then
    select i.organization_id into new.organization_id
      from public.whatsapp_instances i where i.id = new.instance_id;
  end if;
  new.chat_key := coalesce(new.chat_key, new.contact_id::text, new.chat_jid, '');
  new.status := coalesce(new.status, case new.direction when 'inbound' then 'received' else 'pending' end);
  return new;
end
$$;

create or replace trigger complete_message before insert on public.messages
  for each row
  when (new.organization_id is null or new.chat_key is null or new.status is null)
  execute function public.complete_message();

revoke execute on function
  public.complete_message()
  from public, anon, authenticated;
grant execute on function
  public.complete_message()
  to service_role;

-- What is told of a message beside its own columns: what it answers with the id of that message where it is here, and the reactions
-- that stand.
create or replace function public.message_extras(p_message public.messages) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'reply_to', case when p_message.reply_to is not null then p_message.reply_to || jsonb_build_object('id', case
      when p_message.group_id is not null then (
        select o.id
        from public.messages o
        where o.group_id = p_message.group_id and o.whatsapp_message_id = p_message.reply_to ->> 'whatsapp_message_id'
          and (o.direction = 'outbound') = (p_message.reply_to ->> 'from_me')::boolean
        order by o.ordinal
        limit 1
      )
      else (
        select o.id
        from public.messages o
        where o.instance_id = p_message.instance_id and o.chat_key = p_message.chat_key
          and o.direction = case when (p_message.reply_to ->> 'from_me')::boolean then 'outbound' else 'inbound' end
          and o.whatsapp_message_id = p_message.reply_to ->> 'whatsapp_message_id'
      ) end) end,
    'reactions', (
      select coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'from_me', r.from_me, 'reacted_at', r.reacted_at,
          'from', case
            when r.reactor <> '' then r.reactor
            when r.from_me then (
              select coalesce(i.account_phone, i.phone_number) from public.whatsapp_instances i where i.id = p_message.instance_id
            )
            else (select coalesce(k.phone_number, k.lid || '@lid') 
              from public.addressed_contact(p_message.contact_id, p_message.chat_key) k)
          end) order by r.reacted_at, r.id), '[]')
      from public.message_reactions r
      where r.message_id = p_message.id and r.emoji <> ''
    ),
    'media', public.media_view(p_message.id)
  );
end
$$;
revoke execute on function public.message_extras(public.messages) from public, anon, authenticated;
grant execute on function public.message_extras(public.messages) to service_role;

-- The message with this id, of one of the organizations where some are named; null where there is none.
create or replace function public.read_message(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select to_jsonb(m) - array['secret', 'payload', 'request'] || public.message_extras(m)
    from public.messages m
    where m.id = (p ->> 'id')::uuid
      and (p -> 'organization_ids' is null or p -> 'organization_ids' ? m.organization_id)
  );
end
$$;
revoke execute on function public.read_message(jsonb) from public, anon, authenticated;
grant execute on function public.read_message(jsonb) to service_role;

-- What a message said before it was edited, the oldest first: at most a hundred texts.
create or replace function public.message_history(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('content', e.content, 'edited_at', e.edited_at) order by e.ordinal), '[]')
    from public.message_edits e
    where e.message_id = (p ->> 'id')::uuid
  );
end
$$;
revoke execute on function public.message_history(jsonb) from public, anon, authenticated;
grant execute on function public.message_history(jsonb) to service_role;

-- What the filters of a list of messages ask of a message `m`. Those of a group where one is named, and of none otherwise.
create or replace function public.message_conditions(p jsonb) returns text
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
begin
  -- What is in one chat or of one number has an index of its own. Beside it that of the organization would look as good to the planner,
  -- which expects some of them everywhere, and costs a walk through all messages where they are old: so whose the chat is, is asked here.
  return concat_ws(' and ',
    'm.change_of is null',
    case when p ->> 'group_id' is null and p ->> 'contact_id' is null and p ->> 'instance_id' is null
      then format('m.organization_id = %L', v_organization_id) end,
    case
      when p ->> 'group_id' is null then 'm.group_id is null'
      else format('m.group_id = %L', (
        select g.id from public.groups g where g.id = (p ->> 'group_id')::uuid and g.organization_id = v_organization_id)) end,
    case when p ->> 'contact_id' is not null
      then format('m.contact_id = %L', (
        select k.id from public.contacts k
        where k.id = public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid) and k.organization_id = v_organization_id)) end,
    case when p ->> 'instance_id' is not null then format('m.instance_id = %L', (
      select i.id from public.whatsapp_instances i
      where i.id = (p ->> 'instance_id')::uuid and i.organization_id = v_organization_id)) end,
    case when p ->> 'direction' is not null then format('m.direction = %L', p ->> 'direction') end,
    case when p ->> 'status' is not null then format('m.status = %L', p ->> 'status') end,
    case when p ->> 'status' <> 'received' then 'm.direction = ''outbound''' end,
    case when p ->> 'type' is not null then format('m.type = %L', p ->> 'type') end,
    case when p ->> 'sent_from' is not null then format('m.sent_at >= %L', (p ->> 'sent_from')::timestamptz) end,
    case when p ->> 'sent_before' is not null then format('m.sent_at < %L', (p ->> 'sent_before')::timestamptz) end);
end
$$;
revoke execute on function public.message_conditions(jsonb) from public, anon, authenticated;
grant execute on function public.message_conditions(jsonb) to service_role;

-- The messages of an organization with these ids, in their order. As read_page.
create or replace function public.read_messages(p_organization_id text, p_ids uuid[]) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  open v_page for
    select to_jsonb(m) - array['secret', 'payload', 'request'] || case
        -- Most messages have none of it, and to look for each costs more than the rest of the page.
        when m.reply_to is not null
          or exists (select from public.message_reactions r where r.message_id = m.id)
          or exists (select from public.message_media f where f.message_id = m.id)
        then public.message_extras(m)
        else '{"reply_to": null, "reactions": [], "media": null}'
      end
    from unnest(p_ids) with ordinality as i (id, place)
    join public.messages m on m.id = i.id and m.organization_id = p_organization_id
    order by i.place;
  return public.read_page(v_page);
end
$$;
revoke execute on function public.read_messages(text, uuid[]) from public, anon, authenticated;
grant execute on function public.read_messages(text, uuid[]) to service_role;

-- Messages of an organization, the last stored first, before the one with the ordinal `before`, or the other way round after the one
-- with the ordinal `after`; of those that the filters ask for. As read_page: `more` says that the list was cut because of its size.
create or replace function public.list_messages(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
as $$
declare
  v_ids uuid[];
begin
  -- Planned for what is asked for, so that each filter has its index.
  execute format('select array(select m.id from public.messages m where m.ordinal %s $1 and %s order by m.ordinal %s limit $2)',
    case when p ? 'after' then '>' else '<' end, public.message_conditions(p), case when p ? 'after' then 'asc' else 'desc' end)
    into v_ids
    using coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint,
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  return public.read_messages(p ->> 'organization_id', v_ids);
end
$$;
revoke execute on function public.list_messages(jsonb) from public, anon, authenticated;
grant execute on function public.list_messages(jsonb) to service_role;

-- As message_extras: what a note answers is a message of its conversation, or another note.
create or replace function public.note_extras(p_note public.notes) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'reply_to', case when p_note.reply_to is not null then p_note.reply_to || jsonb_build_object('id', coalesce((
      select o.id
      from public.messages o
      where o.instance_id = p_note.instance_id and o.chat_key = p_note.chat_key
        and o.direction = case when (p_note.reply_to ->> 'from_me')::boolean then 'outbound' else 'inbound' end
        and o.whatsapp_message_id = p_note.reply_to ->> 'whatsapp_message_id'
    ), (
      select o.id
      from public.notes o
      where (p_note.reply_to ->> 'from_me')::boolean and o.instance_id = p_note.instance_id and o.chat_key = p_note.chat_key
        and o.whatsapp_message_id = p_note.reply_to ->> 'whatsapp_message_id'
    ))) end,
    'reactions', (
      select coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'from_me', r.from_me, 'reacted_at', r.reacted_at,
          'from', case
            when r.reactor <> '' then r.reactor
            when r.from_me then (
              select coalesce(i.account_phone, i.phone_number) from public.whatsapp_instances i where i.id = p_note.instance_id
            )
            else (select coalesce(k.phone_number, k.lid || '@lid') 
              from public.addressed_contact(p_note.contact_id, p_note.chat_key) k)
          end) order by r.reacted_at, r.id), '[]')
      from public.message_reactions r
      where r.note_id = p_note.id and r.emoji <> ''
    ),
    'media', public.media_view(p_note.id)
  );
end
$$;
revoke execute on function public.note_extras(public.notes) from public, anon, authenticated;
grant execute on function public.note_extras(public.notes) to service_role;

-- Notes of an organization, as list_messages.
create or replace function public.list_notes(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
as $$
declare
  v_page refcursor;
begin
  open v_page for execute format(
    'select to_jsonb(r.n) - ''secret'' || case
        -- As in read_messages: most have none of it.
        when (r.n).reply_to is not null
          or exists (select from public.message_reactions x where x.note_id = (r.n).id)
          or exists (select from public.message_media f where f.message_id = (r.n).id)
        then public.note_extras(r.n)
        else ''{"reply_to": null, "reactions": [], "media": null}''
      end
    from (
      select n
      from public.notes n
      where n.organization_id = $1 and n.ordinal %s $2 %s
      order by n.ordinal %s
      limit $3
    ) r',
    case when p ? 'after' then '>' else '<' end,
    case when p ->> 'contact_id' is not null then 'and n.contact_id = $4' end,
    case when p ? 'after' then 'asc' else 'desc' end)
    using p ->> 'organization_id', coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint,
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501),
      public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid);
  return public.read_page(v_page);
end
$$;
revoke execute on function public.list_notes(jsonb) from public, anon, authenticated;
grant execute on function public.list_notes(jsonb) to service_role;
