-- Who a person is: one contact for a phone number and a LID, however they were learnt. The LID is the person; the number is where
-- the person is reached now, and numbers are given to other people.

create table if not exists public.contacts (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id),
  phone_number text,
  lid text,
  name text not null default 'Unknown',
  name_source text not null default 'unknown' check (name_source in ('unknown', 'push', 'person')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_message_at timestamptz,
  -- The ordinal of the last message that somebody has read.
  read_until bigint not null default 0,
  -- The contact that a person merged this one into, always one that is not merged itself. The row stays, because it is who has the
  -- addresses; everything else is the other one's.
  merged_into uuid,
  -- A full constraint, because upserts name it as their conflict target; its index also serves the look-ups.
  constraint idx_contacts_phone unique (phone_number, organization_id),
  unique (organization_id, lid),
  -- Neither address is left to whose number became somebody else's before WhatsApp ever told a LID.
  unique (id, organization_id),
  constraint contacts_merged_into_fkey foreign key (merged_into, organization_id)
    references public.contacts (id, organization_id) on delete cascade
) with (fillfactor = 85);
create index if not exists idx_contacts_merged_into on public.contacts (merged_into) where merged_into is not null;
create index if not exists idx_contacts_organization on public.contacts (organization_id, created_at desc, id desc);
alter table public.contacts enable row level security;
revoke all on public.contacts from public, anon, authenticated;
grant select, insert, update, delete on public.contacts to service_role;
grant select on public.contacts to authenticated;
drop policy if exists members_read on public.contacts;
create policy members_read on public.contacts for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- Who writes the time itself, for each message, need not have it written.
create or replace trigger touch_updated_at before update on public.contacts
  for each row when (new.updated_at is not distinct from old.updated_at) execute function public.touch_updated_at();

-- A name that is known is never lost to `Unknown`, unless that is what is asked for.
create or replace function public.keep_contact_name() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and btrim(new.name) in ('', 'Unknown')
      and not (new.name_source = 'unknown' and old.name_source <> 'unknown') then
    new.name := old.name;
    new.name_source := old.name_source;
  end if;
  if new.name_source = 'unknown' and btrim(new.name) not in ('', 'Unknown') then
    new.name_source := 'push';
  end if;
  return new;
end
$$;

create or replace trigger keep_contact_name_on_insert before insert on public.contacts
  for each row execute function public.keep_contact_name();
create or replace trigger keep_contact_name_on_update before update of name on public.contacts
  for each row when (new.name is distinct from old.name) execute function public.keep_contact_name();

-- Numbers and LIDs that a person had before: rows about the person may name them, and are exported and erased as well.
create table if not exists public.former_addresses (
  contact_id uuid not null references public.contacts (id) on delete cascade,
  kind text not null check (kind in ('phone', 'lid')),
  digits text not null,
  primary key (contact_id, kind, digits)
);
alter table public.former_addresses enable row level security;
revoke all on public.former_addresses from public, anon, authenticated;
grant select, insert, update, delete on public.former_addresses to service_role;

create or replace function public.remember_addresses(p_contact_id uuid, p_phone text, p_lid text) returns void
  language sql
  set search_path = ''
as $$
  insert into public.former_addresses (contact_id, kind, digits)
    select p_contact_id, a.kind, a.digits
    from (values ('phone', p_phone), ('lid', p_lid)) as a (kind, digits)
    where a.digits is not null
    on conflict do nothing
$$;

create or replace function public.keep_former_addresses() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  perform public.remember_addresses(new.id,
    case when old.phone_number is distinct from new.phone_number then old.phone_number end,
    case when old.lid is distinct from new.lid then old.lid end);
  return null;
end
$$;

create or replace trigger keep_former_addresses after update of phone_number, lid on public.contacts
  for each row
  when (old.phone_number is distinct from new.phone_number or old.lid is distinct from new.lid)
  execute function public.keep_former_addresses();

-- Of a person's other addresses, also those of contacts that were merged into this one, those that are nobody else's now: numbers are
-- given to other people.
create or replace function public.former_addresses_of(p_contact public.contacts, p_kind text) returns text[]
  language sql stable
  set search_path = ''
as $$
  select coalesce(array_agg(f.digits order by f.digits), '{}')
  from (
    select o.digits from public.former_addresses o where o.contact_id = p_contact.id and o.kind = p_kind
    union
    select o.digits
    from public.contacts k
    join public.former_addresses o on o.contact_id = k.id and o.kind = p_kind
    where k.merged_into = p_contact.id
    union
    select case p_kind when 'phone' then k.phone_number else k.lid end from public.contacts k where k.merged_into = p_contact.id
  ) f
  where f.digits is not null and not exists (
      select from public.contacts k
      where k.organization_id = p_contact.organization_id and k.id <> p_contact.id and k.merged_into is distinct from p_contact.id
        and case p_kind when 'phone' then k.phone_number else k.lid end = f.digits
    )
$$;

-- LIDs of those who had one of these numbers before: what names such a LID is theirs, and not whose the number is now.
create or replace function public.former_owners(p_organization_id text, p_phones text[], p_contact_id uuid) returns text[]
  language sql stable
  set search_path = ''
as $$
  select coalesce(array_agg(k.lid), '{}')
  from public.contacts k
  where k.organization_id = p_organization_id and k.lid is not null and k.id is distinct from p_contact_id
    and k.merged_into is distinct from p_contact_id
    and exists (
      select from public.former_addresses f
      where f.contact_id = k.id and f.kind = 'phone' and f.digits = any (p_phones)
    )
$$;

-- Matches the JIDs of a person in a text, with or without device; null where no address is known.
create or replace function public.person_pattern(p_phones text[], p_lids text[]) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select '(^|[^0-9._:@])(' || nullif(concat_ws('|',
  '(' || nullif(array_to_string(p_phones, '|'), '') || ')([._][0-9]+)?(:[0-9]+)?@(s\.whatsapp\.net|c\.us|hosted)(?![a-z.])',
  '(' || nullif(array_to_string(p_lids, '|'), '') || ')([._][0-9]+)?(:[0-9]+)?@(lid|hosted\.lid)'
), '') || ')'
$$;

-- Where contacts went that turned out to be the same person as another one: an id that was told once leads on for ever.
create table if not exists public.merged_contacts (
  contact_id uuid primary key,
  organization_id text not null,
  merged_into uuid not null,
  merged_at timestamptz not null default now(),
  foreign key (merged_into, organization_id) references public.contacts (id, organization_id) on delete cascade
);
create index if not exists idx_merged_contacts_into on public.merged_contacts (merged_into);
alter table public.merged_contacts enable row level security;
revoke all on public.merged_contacts from public, anon, authenticated;
grant select, insert, update, delete on public.merged_contacts to service_role;

-- What people merged, until it is undone: what was moved can be told from the rest by the keys of its chats. `contact_id` is a branch
-- of `merged_into`, whatever that was merged into since: so each can be undone, in any order.
create table if not exists public.contact_merges (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null,
  contact_id uuid not null unique,
  merged_into uuid not null,
  merged_at timestamptz not null default now(),
  -- Of the contact that stayed, as it was before.
  name text not null,
  name_source text not null,
  read_until bigint not null,
  -- What that became: another one was read since.
  merged_read_until bigint not null,
  cancelled_bookings uuid[] not null default '{}',
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id) on delete cascade,
  foreign key (merged_into, organization_id) references public.contacts (id, organization_id) on delete cascade
);
create index if not exists idx_contact_merges_into on public.contact_merges (merged_into);
alter table public.contact_merges enable row level security;
revoke all on public.contact_merges from public, anon, authenticated;
grant select, insert, update, delete on public.contact_merges to service_role;

-- The id of the contact that this one became, or the same id.
create or replace function public.current_contact(p_organization_id text, p_contact_id uuid) returns uuid
  language sql stable
  set search_path = ''
as $$
  select coalesce((
    select coalesce(k.merged_into, k.id)
    from public.contacts k
    where k.organization_id = p_organization_id and k.id = coalesce((
      select m.merged_into from public.merged_contacts m
      where m.contact_id = p_contact_id and m.organization_id = p_organization_id
    ), p_contact_id)
  ), p_contact_id)
$$;

-- Every id under which this contact was told: its own, and those of all that became part of it.
create or replace function public.ids_of_contact(p_contact_id uuid) returns uuid[]
  language sql stable
  set search_path = ''
as $$
  with people as (
    select p_contact_id as id
    union all
    select k.id from public.contacts k where k.merged_into = p_contact_id
  )
  select array(
    select p.id from people p
    union
    select m.contact_id from people p join public.merged_contacts m on m.merged_into = p.id
  )
$$;

-- The contact whose address a message or a note went to or came from: one that was merged into its contact, or that itself.
create or replace function public.addressed_contact(p_contact_id uuid, p_chat_key text) returns setof public.contacts
  language sql stable
  set search_path = ''
as $$
  select k.*
  from public.contacts k
  where k.id = p_contact_id or k.merged_into = p_contact_id and k.id::text = p_chat_key
  order by k.id::text = p_chat_key desc
  limit 1
$$;

-- A contact with all that people merged into it, and into those.
create or replace function public.branch_of(p_contact_id uuid) returns uuid[]
  language sql stable
  set search_path = ''
as $$
  with recursive branch as (
    select p_contact_id as id
    union
    select m.contact_id from branch b join public.contact_merges m on m.merged_into = b.id
  )
  select array(select b.id from branch b)
$$;

-- The keys of the chats of these contacts; those by address, too, which chats had before somebody was a contact.
create or replace function public.chat_keys_of(p_contact_ids uuid[]) returns text[]
  language sql stable
  set search_path = ''
as $$
  select array(
    select unnest(p_contact_ids)::text
    union
    select m.contact_id::text from public.merged_contacts m where m.merged_into = any (p_contact_ids)
    union
    select a.digits || d.domain
    from (
      select 'phone' as kind, k.phone_number as digits from public.contacts k where k.id = any (p_contact_ids)
      union
      select 'lid', k.lid from public.contacts k where k.id = any (p_contact_ids)
      union
      select f.kind, f.digits from public.former_addresses f where f.contact_id = any (p_contact_ids)
    ) a
    join (values ('phone', '@s.whatsapp.net'), ('phone', '@hosted'), ('lid', '@lid'), ('lid', '@hosted.lid')) as d (kind, domain)
      on d.kind = a.kind
    where a.digits is not null
  )
$$;

-- What was written to these people before they were contacts becomes part of their conversations. A message or note keeps its old
-- chat_key where the contact has the same id already.
create or replace function public.join_conversations(p_contact_ids uuid[]) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_chats jsonb;
begin
  -- By instance, as the unique keys of both tables are: they look quickly into chats that hardly ever have something.
  select jsonb_agg(jsonb_build_object('contact_id', k.id, 'instance_id', i.id, 'chat', a.chat)) into v_chats
    from public.contacts k
    join public.whatsapp_instances i on i.organization_id = k.organization_id
    cross join lateral (values (k.phone_number || '@s.whatsapp.net'), (k.phone_number || '@hosted'), (k.lid || '@lid'),
      (k.lid || '@hosted.lid')) as a (chat)
    where k.id = any (p_contact_ids) and a.chat is not null;
  with theirs as materialized (
    select n.id, c.contact_id, not exists (
        select from public.notes o
        where o.instance_id = n.instance_id and o.chat_key = c.contact_id::text
          and o.whatsapp_message_id = n.whatsapp_message_id
      ) and row_number() over (partition by n.instance_id, c.contact_id, n.whatsapp_message_id order by n.ordinal) = 1
      as is_first
    from jsonb_to_recordset(v_chats) as c (contact_id uuid, instance_id uuid, chat text)
    join public.notes n on n.instance_id = c.instance_id and n.chat_key = c.chat
    where n.contact_id is null
  )
  update public.notes n
    set contact_id = coalesce(k.merged_into, k.id), chat_key = case when t.is_first then t.contact_id::text else n.chat_key end
    from theirs t
    join public.contacts k on k.id = t.contact_id
    where n.id = t.id;
  with theirs as materialized (
    select m.id, c.contact_id, not exists (
        select from public.messages o
        where o.instance_id = m.instance_id and o.direction = m.direction and o.chat_key = c.contact_id::text
          and o.whatsapp_message_id = m.whatsapp_message_id
      ) and row_number() over (
        partition by m.instance_id, m.direction, c.contact_id, m.whatsapp_message_id order by m.ordinal) = 1
      as is_first
    from jsonb_to_recordset(v_chats) as c (contact_id uuid, instance_id uuid, chat text)
    cross join (values ('outbound'), ('inbound')) as d (direction)
    join public.messages m on m.instance_id = c.instance_id and m.direction = d.direction and m.chat_key = c.chat
    where m.contact_id is null
  ), held as materialized (
    -- In the order of ids, as receipts lock them.
    select m.id from public.messages m where m.id in (select t.id from theirs t) order by m.id for update
  )
  update public.messages m
    set contact_id = coalesce(k.merged_into, k.id), chat_key = case when t.is_first then t.contact_id::text else m.chat_key end
    from theirs t
    join public.contacts k on k.id = t.contact_id
    join held h on h.id = t.id
    where m.id = t.id;
end
$$;

-- Moves the conversation of one contact to another: all of it or, where `p_branch` names contacts that were merged, what is theirs. Where
-- one of two turned out to be the other (`p_lost`, `p_kept`), its chats become that one's: a message or note keeps its old chat_key
-- where there is the same id already, for nothing that was received is ever deleted.
create or replace function public.move_conversation(p_from uuid, p_to uuid, p_branch uuid[], p_lost uuid, p_kept uuid)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_keys constant text[] := case when p_branch is not null then public.chat_keys_of(p_branch) end;
begin
  -- In the order of ids, as receipts lock them.
  perform 1 from public.messages m
    where m.contact_id = p_from and (v_keys is null or m.chat_key = any (v_keys))
    order by m.id
    for update;
  update public.messages m
    set contact_id = p_to,
      chat_key = case when p_lost is null or m.chat_key <> p_lost::text or exists (
          select from public.messages o
          where o.instance_id = m.instance_id and o.direction = m.direction and o.chat_key = p_kept::text
            and o.whatsapp_message_id = m.whatsapp_message_id
        ) then m.chat_key else p_kept::text end
    where m.contact_id = p_from and (v_keys is null or m.chat_key = any (v_keys));
  update public.notes n
    set contact_id = p_to,
      chat_key = case when p_lost is null or n.chat_key <> p_lost::text or exists (
          select from public.notes o
          where o.instance_id = n.instance_id and o.chat_key = p_kept::text
            and o.whatsapp_message_id = n.whatsapp_message_id
        ) then n.chat_key else p_kept::text end
    where n.contact_id = p_from and (v_keys is null or n.chat_key = any (v_keys));
  update public.bookings b
    set contact_id = p_to,
      person_id = nullif(case when coalesce(b.person_id, b.contact_id) = p_lost then p_kept
        else coalesce(b.person_id, b.contact_id) end, p_to)
    where b.contact_id = p_from and (p_branch is null or coalesce(b.person_id, b.contact_id) = any (p_branch));
end
$$;

-- Of two contacts that are one person, whether the first one stays: the one that the other was merged into, or else the one that a person
-- merged, so that this can be undone, or the older one.
create or replace function public.stays_of_two(p_one public.contacts, p_other public.contacts) returns boolean
  language sql stable
  set search_path = ''
as $$
  select case
    when p_other.id = any (public.branch_of(p_one.id)) then true
    when p_one.id = any (public.branch_of(p_other.id)) then false
    when (p_one.merged_into is null) <> (p_other.merged_into is null) then p_one.merged_into is not null
    else (p_one.created_at, p_one.id) < (p_other.created_at, p_other.id)
  end
$$;

-- Makes one of two contacts that turned out to be the same person: moves everything of one to the other, deletes it and tells so; the
-- kept contact had the addresses of the other one, too. Where one open booking is the rule the oldest stays, and each of the others is
-- told of. What people had merged into either stays so.
-- Callers hold the lock on the organization's row, so that nobody else makes or merges its contacts meanwhile.
create or replace function public.merge_contacts(p_kept uuid, p_lost uuid, p_booking_policy text, p_instance_id uuid)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_lost public.contacts;
  v_to uuid;
begin
  select * into v_lost from public.contacts where id = p_lost;
  select coalesce(k.merged_into, k.id) into v_to from public.contacts k where k.id = p_kept;
  perform public.move_conversation(coalesce(v_lost.merged_into, p_lost), v_to,
    case when v_lost.merged_into is not null then public.branch_of(p_lost) end, p_lost, p_kept);
  update public.contacts set merged_into = v_to
    where id = any (public.branch_of(p_lost)) and id <> p_lost and merged_into <> v_to;
  delete from public.contact_merges where contact_id = p_lost;
  update public.contact_merges set merged_into = p_kept where merged_into = p_lost;
  insert into public.former_addresses (contact_id, kind, digits)
    select p_kept, f.kind, f.digits from public.former_addresses f where f.contact_id = p_lost
    on conflict do nothing;
  update public.merged_contacts set merged_into = p_kept where merged_into = p_lost;
  insert into public.automatic_replies (contact_id, organization_id, occasion, subject, message_id, created_at)
    select p_kept, a.organization_id, a.occasion, a.subject, a.message_id, a.created_at
    from public.automatic_replies a where a.contact_id = p_lost
    on conflict do nothing;
  delete from public.contacts where id = p_lost;
  insert into public.merged_contacts (contact_id, organization_id, merged_into)
    values (p_lost, v_lost.organization_id, p_kept);
  perform public.remember_addresses(p_kept, v_lost.phone_number, v_lost.lid);
  update public.contacts k
    set name = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name else k.name end,
      name_source = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name_source else k.name_source end,
      last_message_at = greatest(k.last_message_at, v_lost.last_message_at),
      read_until = greatest(k.read_until, v_lost.read_until)
    where k.id in (p_kept, v_to);
  perform public.append_event(v_lost.organization_id, p_instance_id, jsonb_build_object(
    'name', 'whatsapp:contact', 'payload', jsonb_build_object('instanceId', p_instance_id, 'contactId', p_lost,
      'change', 'merged', 'mergedInto', v_to, 'timestamp', public.event_time(now()))));
  if public.booking_policy_of(v_lost.organization_id, p_booking_policy) = 'one-open' then
    perform public.keep_one_booking(v_lost.organization_id, v_to, p_instance_id);
  end if;
end
$$;

-- The contact of whoever has these addresses; completed or merged where necessary, and created unless only those that are known
-- are to learn from it (`p_may_create`: null, then, where nobody is). `p_other_phone` is the same number in another spelling.
-- A LID stays with its person, who may change the number; a number that shows another LID is another person's now, and its former
-- owner keeps everything but the number. Who was known by the number alone is the person of its first LID.
create or replace function public.resolve_person(p_organization_id text, p_instance_id uuid, p_phone text,
    p_other_phone text, p_lid text, p_booking_policy text, p_may_create boolean)
  returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_by_lid public.contacts;
  v_one public.contacts;
  v_kept public.contacts;
begin
  select * into v_by_lid from public.contacts where organization_id = p_organization_id and lid = p_lid;
  v_kept := v_by_lid;
  for v_one in
    select * from public.contacts k
    where k.organization_id = p_organization_id and k.phone_number in (p_phone, p_other_phone)
      and k.id is distinct from v_by_lid.id
    order by k.phone_number = p_phone desc
  loop
    if v_one.lid is not null and p_lid is not null then
      -- In another spelling it may be another number after all: nothing is taken from it.
      if v_one.phone_number = p_phone then
        update public.contacts set phone_number = null where id = v_one.id;
      end if;
    elsif v_one.lid is not null and v_kept.lid is not null then
      -- Two spellings, each with a LID of its own: the one that was asked for.
      continue;
    elsif v_kept.id is null then
      v_kept := v_one;
    elsif v_by_lid.phone_number is not null and v_by_lid.phone_number not in (p_phone, coalesce(p_other_phone, p_phone))
        and exists (
          select from public.messages m
          where m.contact_id = coalesce(v_one.merged_into, v_one.id) and m.direction = 'inbound'
            and (v_one.merged_into is null or m.chat_key = v_one.id::text)
        ) then
      -- The person of the LID had another number until now, and somebody wrote from this one: perhaps who had it before.
      update public.contacts set phone_number = null where id = v_one.id;
    elsif public.stays_of_two(v_kept, v_one) then
      perform public.merge_contacts(v_kept.id, v_one.id, p_booking_policy, p_instance_id);
      v_kept.lid := coalesce(v_kept.lid, v_one.lid);
    else
      perform public.merge_contacts(v_one.id, v_kept.id, p_booking_policy, p_instance_id);
      v_one.lid := coalesce(v_one.lid, v_kept.lid);
      v_kept := v_one;
    end if;
  end loop;

  if v_kept.id is null then
    if p_may_create then
      insert into public.contacts (organization_id, phone_number, lid) values (p_organization_id, p_phone, p_lid)
        returning * into v_kept;
      perform public.join_conversations(array[v_kept.id]);
    end if;
    return v_kept.id;
  end if;
  update public.contacts
    set phone_number = coalesce(p_phone, phone_number), lid = coalesce(p_lid, v_kept.lid, lid)
    where id = v_kept.id
      and (phone_number is distinct from coalesce(p_phone, phone_number)
        or lid is distinct from coalesce(p_lid, v_kept.lid, lid));
  if found then
    perform public.join_conversations(array[v_kept.id]);
  end if;
  return v_kept.id;
end
$$;

revoke execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.former_owners(text, text[], uuid),
  public.person_pattern(text[], text[]),
  public.current_contact(text, uuid), public.ids_of_contact(uuid), public.addressed_contact(uuid, text), public.branch_of(uuid),
  public.chat_keys_of(uuid[]), public.join_conversations(uuid[]),
  public.move_conversation(uuid, uuid, uuid[], uuid, uuid),
  public.stays_of_two(public.contacts, public.contacts), public.merge_contacts(uuid, uuid, text, uuid),
  public.resolve_person(text, uuid, text, text, text, text, boolean)
  from public, anon, authenticated;
grant execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.former_owners(text, text[], uuid),
  public.person_pattern(text[], text[]),
  public.current_contact(text, uuid), public.ids_of_contact(uuid), public.addressed_contact(uuid, text), public.branch_of(uuid),
  public.chat_keys_of(uuid[]), public.join_conversations(uuid[]),
  public.move_conversation(uuid, uuid, uuid[], uuid, uuid),
  public.stays_of_two(public.contacts, public.contacts), public.merge_contacts(uuid, uuid, text, uuid),
  public.resolve_person(text, uuid, text, text, text, text, boolean)
  to service_role;

-- What an instance's phone tells of people: `pairs` of `phone`, `other_phone` and `lid`, oldest first. Those who are contacts learn
-- from it; nobody becomes one. `events`: of contacts that turned out to be one person.
create or replace function public.learn_people(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_event_seq bigint;
  v_pair record;
begin
  select o.event_seq into v_event_seq
    from public.organizations o
    join public.whatsapp_instances i on i.organization_id = o.id
    where o.id = v_organization_id and i.id = v_instance_id
    for no key update of o;
  if not found then
    return '{"events": []}'::jsonb;
  end if;
  for v_pair in
    select e.pair ->> 'phone' as phone, e.pair ->> 'other_phone' as other_phone, e.pair ->> 'lid' as lid
    from jsonb_array_elements(p -> 'pairs') with ordinality as e (pair, place)
    order by e.place
  loop
    perform public.resolve_person(v_organization_id, v_instance_id, v_pair.phone, v_pair.other_phone, v_pair.lid,
      p ->> 'booking_policy', false);
  end loop;
  return jsonb_build_object('events', (
    select coalesce(jsonb_agg(jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence,
      'name', e.name, 'payload', e.payload) order by e.sequence), '[]')
    from public.events e
    where e.organization_id = v_organization_id and e.sequence > v_event_seq
  ));
end
$$;
revoke execute on function public.learn_people(jsonb) from public, anon, authenticated;
grant execute on function public.learn_people(jsonb) to service_role;
