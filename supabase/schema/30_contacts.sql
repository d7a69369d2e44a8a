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
  -- A full constraint, because upserts name it as their conflict target; its index also serves the look-ups.
  constraint idx_contacts_phone unique (phone_number, organization_id),
  unique (organization_id, lid),
  -- Neither address is left to whose number became somebody else's before WhatsApp ever told a LID.
  unique (id, organization_id)
) with (fillfactor = 85);
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

-- A name that is known is never lost to `Unknown`.
create or replace function public.keep_contact_name() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and btrim(new.name) in ('', 'Unknown') then
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

-- Of a person's former addresses those that are nobody else's now: numbers are given to other people.
create or replace function public.former_addresses_of(p_contact public.contacts, p_kind text) returns text[]
  language sql stable
  set search_path = ''
as $$
  select coalesce(array_agg(f.digits order by f.digits), '{}')
  from public.former_addresses f
  where f.contact_id = p_contact.id and f.kind = p_kind
    and not exists (
      select from public.contacts k
      where k.organization_id = p_contact.organization_id and k.id <> p_contact.id
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

-- Where contacts that were joined with another one went: an id that was told once leads on for ever, in one step.
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

-- The id of the contact that this one became, or the same id.
create or replace function public.current_contact(p_organization_id text, p_contact_id uuid) returns uuid
  language sql stable
  set search_path = ''
as $$
  select coalesce((
    select m.merged_into from public.merged_contacts m
    where m.contact_id = p_contact_id and m.organization_id = p_organization_id
  ), p_contact_id)
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
    set contact_id = t.contact_id, chat_key = case when t.is_first then t.contact_id::text else n.chat_key end
    from theirs t
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
    set contact_id = t.contact_id, chat_key = case when t.is_first then t.contact_id::text else m.chat_key end
    from theirs t
    join held h on h.id = t.id
    where m.id = t.id;
end
$$;

-- Moves everything of one contact to another, deletes it and tells so; the kept contact had the addresses of the other one, too. A
-- message or note keeps its old chat_key where the kept contact has the same id already: nothing that was received is ever
-- deleted. Where one open booking is the rule the oldest stays, and each of the others is told of.
-- Callers hold the lock on the organization's row, so that nobody else makes or merges its contacts meanwhile.
create or replace function public.merge_contacts(p_kept uuid, p_lost uuid, p_booking_policy text, p_instance_id uuid)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_lost public.contacts;
  v_booking_id uuid;
  v_now constant text := to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
begin
  -- In the order of ids, as receipts lock them.
  perform 1 from public.messages where contact_id = p_lost order by id for update;
  update public.messages m
    set contact_id = p_kept,
      chat_key = case when m.chat_key <> p_lost::text or exists (
          select from public.messages o
          where o.instance_id = m.instance_id and o.direction = m.direction and o.chat_key = p_kept::text
            and o.whatsapp_message_id = m.whatsapp_message_id
        ) then m.chat_key else p_kept::text end
    where m.contact_id = p_lost;
  update public.notes n
    set contact_id = p_kept,
      chat_key = case when n.chat_key <> p_lost::text or exists (
          select from public.notes o
          where o.instance_id = n.instance_id and o.chat_key = p_kept::text
            and o.whatsapp_message_id = n.whatsapp_message_id
        ) then n.chat_key else p_kept::text end
    where n.contact_id = p_lost;
  update public.bookings set contact_id = p_kept where contact_id = p_lost;
  insert into public.former_addresses (contact_id, kind, digits)
    select p_kept, f.kind, f.digits from public.former_addresses f where f.contact_id = p_lost
    on conflict do nothing;
  update public.merged_contacts set merged_into = p_kept where merged_into = p_lost;
  delete from public.contacts where id = p_lost returning * into v_lost;
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
    where k.id = p_kept;
  perform public.append_event(v_lost.organization_id, p_instance_id, jsonb_build_object(
    'name', 'whatsapp:contact', 'payload', jsonb_build_object('instanceId', p_instance_id, 'contactId', p_lost,
      'change', 'merged', 'mergedInto', p_kept, 'timestamp', v_now)));
  if p_booking_policy = 'one-open' then
    for v_booking_id in
      update public.bookings set status = 'cancelled'
        where contact_id = p_kept and status = 'pending' and id <> (
          select b.id from public.bookings b
          where b.contact_id = p_kept and b.status = 'pending'
          order by b.created_at, b.id
          limit 1
        )
        returning id
    loop
      perform public.append_event(v_lost.organization_id, p_instance_id, jsonb_build_object(
        'name', 'whatsapp:booking', 'payload', jsonb_build_object('instanceId', p_instance_id, 'bookingId', v_booking_id,
          'contactId', p_kept, 'status', 'cancelled', 'previousStatus', 'pending', 'timestamp', v_now)));
    end loop;
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
        and exists (select from public.messages m where m.contact_id = v_one.id and m.direction = 'inbound') then
      -- The person of the LID had another number until now, and somebody wrote from this one: perhaps who had it before.
      update public.contacts set phone_number = null where id = v_one.id;
    elsif (v_kept.created_at, v_kept.id) < (v_one.created_at, v_one.id) then
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
  public.current_contact(text, uuid), public.join_conversations(uuid[]),
  public.merge_contacts(uuid, uuid, text, uuid),
  public.resolve_person(text, uuid, text, text, text, text, boolean)
  from public, anon, authenticated;
grant execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.former_owners(text, text[], uuid),
  public.person_pattern(text[], text[]),
  public.current_contact(text, uuid), public.join_conversations(uuid[]),
  public.merge_contacts(uuid, uuid, text, uuid),
  public.resolve_person(text, uuid, text, text, text, text, boolean)
  to service_role;

-- Contacts of an organization, newest first: those that have one of `numbers`, and whose name is like `name` or whose number
-- is like one of `parts` (patterns of LIKE), as far as these are given; after the one that `before_time` and `before_id`
-- name.
create or replace function public.search_contacts(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_numbers constant text[] := case jsonb_typeof(p -> 'numbers') when 'array'
    then array(select jsonb_array_elements_text(p -> 'numbers')) end;
  v_name constant text := p ->> 'name';
  v_parts constant text[] := case jsonb_typeof(p -> 'parts') when 'array'
    then array(select jsonb_array_elements_text(p -> 'parts')) else '{}' end;
  v_time constant timestamptz := coalesce((p ->> 'before_time')::timestamptz, 'infinity');
  v_id constant uuid := coalesce((p ->> 'before_id')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  v_found public.contacts[];
begin
  -- Each branch has the index that serves it, whatever the plan: for a number that of numbers, otherwise that of the order.
  if v_numbers is not null then
    v_found := array(
      select c from public.contacts c
      where c.phone_number = any (v_numbers) and c.organization_id = v_organization_id
        and (v_name is null or c.name ilike v_name or c.phone_number like any (v_parts))
        and (c.created_at, c.id) < (v_time, v_id)
      order by c.created_at desc, c.id desc
      limit v_limit
    );
  elsif v_name is not null then
    v_found := array(
      select c from public.contacts c
      where c.organization_id = v_organization_id
        and (c.name ilike v_name or c.phone_number like any (v_parts))
        and (c.created_at, c.id) < (v_time, v_id)
      order by c.created_at desc, c.id desc
      limit v_limit
    );
  else
    v_found := array(
      select c from public.contacts c
      where c.organization_id = v_organization_id and (c.created_at, c.id) < (v_time, v_id)
      order by c.created_at desc, c.id desc
      limit v_limit
    );
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'organization_id', c.organization_id,
        'phone_number', c.phone_number, 'lid', c.lid, 'name', c.name, 'name_source', c.name_source,
        'created_at', c.created_at, 'updated_at', c.updated_at, 'last_message_at', c.last_message_at)
      order by c.created_at desc, c.id desc), '[]')
    from unnest(v_found) c
  );
end
$$;
revoke execute on function public.search_contacts(jsonb) from public, anon, authenticated;
grant execute on function public.search_contacts(jsonb) to service_role;

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
