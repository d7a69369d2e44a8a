-- Who a person is: one contact for a phone number and a LID, however they were learnt.

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
  -- A full constraint, because upserts name it as their conflict target; its index also serves the look-ups.
  constraint idx_contacts_phone unique (phone_number, organization_id),
  unique (organization_id, lid),
  unique (id, organization_id),
  check (phone_number is not null or lid is not null)
);
create index if not exists idx_contacts_organization on public.contacts (organization_id, created_at desc, id desc);
alter table public.contacts enable row level security;
revoke all on public.contacts from public, anon, authenticated;
grant select, insert, update, delete on public.contacts to service_role;
grant select on public.contacts to authenticated;
drop policy if exists members_read on public.contacts;
create policy members_read on public.contacts for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

create or replace trigger touch_updated_at before update on public.contacts
  for each row execute function public.touch_updated_at();

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

-- Moves everything of one contact to another and deletes it; the kept contact had the addresses of the other one, too. A message
-- or note keeps its old chat_key where the kept contact has the same id already: nothing that was received is ever deleted.
-- Callers hold the lock on the organization's row, so that nobody else makes or merges its contacts meanwhile.
create or replace function public.merge_contacts(p_kept uuid, p_lost uuid, p_booking_policy text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_lost public.contacts;
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
  if p_booking_policy = 'one-open' then
    update public.bookings set status = 'cancelled'
      where contact_id = p_kept and status = 'pending' and id <> (
        select b.id from public.bookings b
        where b.contact_id = p_kept and b.status = 'pending'
        order by b.created_at, b.id
        limit 1
      );
  end if;
  insert into public.former_addresses (contact_id, kind, digits)
    select p_kept, f.kind, f.digits from public.former_addresses f where f.contact_id = p_lost
    on conflict do nothing;
  delete from public.contacts where id = p_lost returning * into v_lost;
  perform public.remember_addresses(p_kept, v_lost.phone_number, v_lost.lid);
  update public.contacts k
    set name = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name else k.name end,
      name_source = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name_source else k.name_source end,
      last_message_at = greatest(k.last_message_at, v_lost.last_message_at)
    where k.id = p_kept;
end
$$;

-- The contact with these addresses; created, completed or merged where necessary.
create or replace function public.resolve_person(p_organization_id text, p_phone text, p_lid text, p_booking_policy text)
  returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_by_phone public.contacts;
  v_by_lid public.contacts;
  v_kept uuid;
begin
  select * into v_by_phone from public.contacts
    where organization_id = p_organization_id and phone_number = p_phone;
  select * into v_by_lid from public.contacts where organization_id = p_organization_id and lid = p_lid;

  if v_by_phone.id is null and v_by_lid.id is null then
    insert into public.contacts (organization_id, phone_number, lid) values (p_organization_id, p_phone, p_lid)
      returning id into v_kept;
    return v_kept;
  end if;

  if v_by_phone.id is null then
    -- The number was unknown until now, or the person changed it.
    if p_phone is not null then
      update public.contacts set phone_number = p_phone where id = v_by_lid.id;
    end if;
    return v_by_lid.id;
  end if;

  if v_by_lid.id is null or v_by_lid.id = v_by_phone.id then
    if p_lid is not null and v_by_lid.id is null then
      update public.contacts set lid = p_lid where id = v_by_phone.id;
    end if;
    return v_by_phone.id;
  end if;

  if v_by_lid.phone_number is not null then
    -- Two people with numbers of their own: only the LID has moved.
    update public.contacts set lid = null where id = v_by_lid.id;
    update public.contacts set lid = p_lid where id = v_by_phone.id;
    return v_by_phone.id;
  end if;

  if (v_by_lid.created_at, v_by_lid.id) < (v_by_phone.created_at, v_by_phone.id) then
    v_kept := v_by_lid.id;
    perform public.merge_contacts(v_kept, v_by_phone.id, p_booking_policy);
  else
    v_kept := v_by_phone.id;
    perform public.merge_contacts(v_kept, v_by_lid.id, p_booking_policy);
  end if;
  update public.contacts set phone_number = p_phone, lid = p_lid where id = v_kept;
  return v_kept;
end
$$;

revoke execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.person_pattern(text[], text[]),
  public.merge_contacts(uuid, uuid, text), public.resolve_person(text, text, text, text)
  from public, anon, authenticated;
grant execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.person_pattern(text[], text[]),
  public.merge_contacts(uuid, uuid, text), public.resolve_person(text, text, text, text)
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
