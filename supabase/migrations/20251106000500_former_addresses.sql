-- Numbers and LIDs that a person had before: rows about the person may name them, and are exported and erased as well.

create table public.former_addresses (
  contact_id uuid not null references public.contacts (id) on delete cascade,
  kind text not null check (kind in ('phone', 'lid')),
  digits text not null,
  primary key (contact_id, kind, digits)
);
alter table public.former_addresses enable row level security;
revoke all on public.former_addresses from anon, authenticated;
grant select, insert, update, delete on public.former_addresses to service_role;

create function public.remember_addresses(p_contact_id uuid, p_phone text, p_lid text) returns void
  language sql
  set search_path = ''
as $$
  insert into public.former_addresses (contact_id, kind, digits)
    select p_contact_id, a.kind, a.digits
    from (values ('phone', p_phone), ('lid', p_lid)) as a (kind, digits)
    where a.digits is not null
    on conflict do nothing
$$;

create function public.keep_former_addresses() returns trigger
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
create trigger keep_former_addresses after update of phone_number, lid on public.contacts
  for each row
  when (old.phone_number is distinct from new.phone_number or old.lid is distinct from new.lid)
  execute function public.keep_former_addresses();

-- As before, and the kept contact had the addresses of the other one, too.
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

-- What was forgotten before this: chats of a contact under another address than its own. There are few chats, and many messages in each.
with chats as materialized (
  select distinct m.contact_id, m.chat_jid from public.messages m where m.contact_id is not null
)
insert into public.former_addresses (contact_id, kind, digits)
  select distinct c.contact_id, c.kind, c.digits
  from (
    select m.contact_id, case when m.chat_jid ~ 'lid$' then 'lid' else 'phone' end as kind,
      substring(m.chat_jid from '^([0-9]+)([._][0-9]+)?(:[0-9]+)?@(s\.whatsapp\.net|c\.us|hosted|lid|hosted\.lid)$') as digits
    from chats m
  ) c
  join public.contacts k on k.id = c.contact_id
  where c.digits is distinct from case c.kind when 'lid' then k.lid else k.phone_number end and c.digits is not null;

-- Of a person's former addresses those that are nobody else's now: numbers are given to other people.
create function public.former_addresses_of(p_contact public.contacts, p_kind text) returns text[]
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

alter table public.erasures
  add column former_phones text[],
  add column former_lids text[],
  add check (erased_at is null or former_phones is null and former_lids is null);

create function public.erased_phones(p_erasure public.erasures) returns text[]
  language sql immutable parallel safe
  set search_path = ''
  return array_remove(p_erasure.former_phones || p_erasure.phone_number, null);

create function public.erased_lids(p_erasure public.erasures) returns text[]
  language sql immutable parallel safe
  set search_path = ''
  return array_remove(p_erasure.former_lids || p_erasure.lid, null);

-- Matches the JIDs of a person in a text, with or without device; null where no address is known.
create function public.person_pattern(p_phones text[], p_lids text[]) returns text
  language sql immutable parallel safe
  set search_path = ''
  return '(^|[^0-9._:@])(' || nullif(concat_ws('|',
    '(' || nullif(array_to_string(p_phones, '|'), '') || ')([._][0-9]+)?(:[0-9]+)?@(s\.whatsapp\.net|c\.us|hosted)(?![a-z.])',
    '(' || nullif(array_to_string(p_lids, '|'), '') || ')([._][0-9]+)?(:[0-9]+)?@(lid|hosted\.lid)'
  ), '') || ')';

create function public.erased_pattern(p_erasure public.erasures) returns text
  language sql immutable parallel safe
  set search_path = ''
  return public.person_pattern(public.erased_phones(p_erasure), public.erased_lids(p_erasure));

-- As before, but a row that is empty already is not counted again.
create or replace function public.empty_inbox_rows(p_ids bigint[]) returns bigint
  language plpgsql
  set search_path = ''
as $$
declare
  v_emptied bigint;
begin
  with held as materialized (
    -- In the order of ids, as everybody who locks several rows.
    select i.id
    from public.inbox i
    where i.id = any (p_ids) and (i.attrs <> '{}' or i.chat <> '' or i.body is not null)
    order by i.id
    for update
  )
  update public.inbox i
    set body = null, message_id = '', chat = '', sender = '', attrs = '{}',
      state = 1,
      outcome = case when i.state = 1 then i.outcome else 'skipped' end,
      reason = case when i.state = 1 then i.reason else 'erased' end,
      error = null, claimed_by = null, claimed_until = null,
      processed_at = coalesce(i.processed_at, now())
    from held h
    where i.id = h.id;
  get diagnostics v_emptied = row_count;
  return v_emptied;
end
$$;

drop function public.erase_from_inbox(public.erasures, int);
drop function public.erase_from_events(public.erasures, uuid, int);

-- Goes on through the inbox from where the erasure was: looks at `p_window` rows and empties `p_limit` of them, at most.
create function public.erase_from_inbox(p_erasure public.erasures, p_window int, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
declare
  v_pattern constant text := public.erased_pattern(p_erasure);
  -- Rows get their ids before they are committed, not always in this order.
  v_margin constant int := case when p_erasure.is_near_end then 10000 else 0 end;
  v_after constant bigint := p_erasure.inbox_cursor - v_margin;
  v_ids bigint[];
  v_peers bigint[];
  v_seen int;
  v_last bigint;
begin
  select max(w.id), count(*) into v_last, v_seen
    from (select i.id from public.inbox i where i.id > v_after order by i.id limit p_window + v_margin) w;
  v_ids := array(
    select i.id from public.inbox i
    where i.id > v_after and i.id <= v_last and i.organization_id = p_erasure.organization_id
      and public.inbox_addressing(i) ~ v_pattern
    order by i.id
    limit p_limit
  );
  is_at_end := v_seen < p_window + v_margin and cardinality(v_ids) < p_limit;
  v_last := coalesce(v_ids[p_limit], v_last);
  erasure := p_erasure;
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_ids));
  -- What the account's own phone sent after: it may hold anybody's message, and was read.
  v_peers := array(
    select i.id from public.inbox i
    where i.id > v_after and i.id <= v_last and i.organization_id = p_erasure.organization_id
      and i.attrs ->> 'category' = 'peer' and i.state = 1 and i.body is not null
    order by i.id
    for update
  );
  update public.inbox i set body = null where i.id = any (v_peers);
  erasure.inbox_cursor := greatest(erasure.inbox_cursor, v_last);
end
$$;

-- As `erase_from_inbox`. Events are committed in their sequence, which only who holds the organization can prolong.
create function public.erase_from_events(p_erasure public.erasures, p_contact_id uuid, p_window int, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
declare
  v_from constant text[] := public.erased_phones(p_erasure)
    || array(select l.lid || '@lid' from unnest(public.erased_lids(p_erasure)) as l (lid));
  v_sequences bigint[];
  v_seen int;
  v_last bigint;
begin
  select max(w.sequence), count(*) into v_last, v_seen
    from (
      select e.sequence from public.events e
      where e.organization_id = p_erasure.organization_id and e.sequence > p_erasure.event_cursor
      order by e.sequence
      limit p_window
    ) w;
  v_sequences := array(
    select e.sequence from public.events e
    where e.organization_id = p_erasure.organization_id
      and e.sequence > p_erasure.event_cursor and e.sequence <= v_last
      and (e.payload ->> 'contactId' in (p_contact_id::text, p_erasure.contact_id::text)
        or e.payload ->> 'from' = any (v_from))
    order by e.sequence
    limit p_limit
  );
  update public.events e set payload = '{"erased": true}'
    where e.organization_id = p_erasure.organization_id and e.sequence = any (v_sequences);
  is_at_end := v_seen < p_window and cardinality(v_sequences) < p_limit;
  erasure := p_erasure;
  erasure.counts := public.add_count(erasure.counts, 'events', cardinality(v_sequences));
  erasure.event_cursor := greatest(erasure.event_cursor, coalesce(v_sequences[p_limit], v_last));
end
$$;

create or replace function public.mark_erased(p_instances uuid[], p_message_ids text[], p_erasure public.erasures)
  returns void
  language sql
  set search_path = ''
as $$
  insert into public.erased_messages (instance_id, mark)
    select m.instance_id, public.message_mark(m.instance_id, a.address, m.message_id)
    from unnest(p_instances, p_message_ids) as m (instance_id, message_id)
    cross join unnest(public.erased_phones(p_erasure) || public.erased_lids(p_erasure)) as a (address)
    where m.message_id is not null
    on conflict do nothing
$$;

-- Messages in chats that have no contact are few: looking for a person's among them must not read all the others.
create index idx_messages_without_contact on public.messages (organization_id, ordinal) where contact_id is null;
create index idx_notes_without_contact on public.notes (organization_id, ordinal) where contact_id is null;

-- As before, and the rows of the inbox that the messages and notes came from are emptied, whatever address they name.
create or replace function public.erase_conversation(p_erasure public.erasures, p_contact_id uuid, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
declare
  v_pattern constant text := public.erased_pattern(p_erasure);
  v_instances uuid[];
  v_ids text[];
  v_origins bigint[];
  v_rows int;
begin
  erasure := p_erasure;
  with theirs as (
    (select m.id from public.messages m where m.contact_id = p_contact_id limit p_limit)
    union all
    (
      select m.id from public.messages m
      where m.contact_id is null and m.organization_id = p_erasure.organization_id and m.chat_jid ~ v_pattern
      limit p_limit
    )
  ), held as materialized (
    -- In the order of ids, as receipts lock them.
    select m.id from public.messages m where m.id in (select t.id from theirs t) order by m.id for update
  ), gone as (
    delete from public.messages m using held h where m.id = h.id
      returning m.instance_id, m.whatsapp_message_id, m.inbox_id
  )
  select array_agg(g.instance_id), array_agg(g.whatsapp_message_id), array_agg(g.inbox_id), count(*)
    into v_instances, v_ids, v_origins, v_rows
    from gone g;
  perform public.mark_erased(v_instances, v_ids, p_erasure);
  erasure.counts := public.add_count(erasure.counts, 'messages', v_rows);
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_origins));
  is_at_end := v_rows < p_limit;

  with theirs as (
    (select n.id from public.notes n where n.contact_id = p_contact_id limit p_limit)
    union all
    (
      select n.id from public.notes n
      where n.contact_id is null and n.organization_id = p_erasure.organization_id and n.chat_key ~ v_pattern
      limit p_limit
    )
  ), gone as (
    delete from public.notes n using theirs t where n.id = t.id
      returning n.instance_id, n.whatsapp_message_id, n.inbox_id
  )
  select array_agg(g.instance_id), array_agg(g.whatsapp_message_id), array_agg(g.inbox_id), count(*)
    into v_instances, v_ids, v_origins, v_rows
    from gone g;
  perform public.mark_erased(v_instances, v_ids, p_erasure);
  erasure.counts := public.add_count(erasure.counts, 'notes', v_rows);
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_origins));
  is_at_end := is_at_end and v_rows < p_limit;

  delete from public.bookings b
    where b.id in (select t.id from public.bookings t where t.contact_id = p_contact_id limit p_limit);
  get diagnostics v_rows = row_count;
  erasure.counts := public.add_count(erasure.counts, 'bookings', v_rows);
  is_at_end := is_at_end and v_rows < p_limit;
end
$$;

create or replace function public.erase_person(p_erasure public.erasures, p_contact_id uuid) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
  v_instances constant uuid[] := array(
    select i.id from public.whatsapp_instances i where i.organization_id = p_erasure.organization_id order by i.id
  );
  v_of uuid[];
  v_ids text[];
  v_rows int;
begin
  select array_agg(u.instance_id), array_agg(u.message_id) into v_of, v_ids
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.phone = any (v_phones) or u.lid = any (v_lids));
  perform public.mark_erased(v_of, v_ids, p_erasure);
  with held as materialized (
    select u.id
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.phone = any (v_phones) or u.lid = any (v_lids))
    order by u.id
    for update
  )
  update public.undecrypted_messages u
    set phone = null, lid = null, chat = '', message_id = '',
      state = case when u.state = 'waiting' then 'given_up' else u.state end,
      settled_at = coalesce(u.settled_at, now())
    from held h
    where u.id = h.id;
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'undecrypted', v_rows);

  -- What nodes asked each other and nobody waits for any more: texts, sealed and without a name.
  delete from public.node_requests where expires_at <= now();

  -- Last and in order: commits of sessions wait for these locks. A session that runs keeps what it has in memory; where a
  -- key is missing later, WhatsApp's clients agree on new ones by themselves.
  perform 1 from public.whatsapp_instances i where i.id = any (v_instances) order by i.id for no key update;
  delete from public.whatsapp_session_keys k
    where k.instance_id = any (v_instances)
      and k.key_type in ('session', 'identity-key', 'device-list', 'lid-mapping', 'tctoken', 'sender-key', 'sender-key-memory')
      and k.key_id ~ ('(^|[^0-9])(' || nullif(array_to_string(v_phones || v_lids, '|'), '') || ')([^0-9]|$)');
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'session_keys', v_rows);

  delete from public.contacts k where k.id = p_contact_id;
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'contacts', v_rows);
  v_erasure.phone_number := null;
  v_erasure.lid := null;
  v_erasure.former_phones := null;
  v_erasure.former_lids := null;
  v_erasure.erased_at := now();
  return v_erasure;
end
$$;

-- Takes over what is known of the person by now, who may have been joined with another contact: where that is more than
-- before, what was gone through counts again.
create function public.learn_addresses(p_erasure public.erasures, p_contact public.contacts) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
begin
  v_erasure.phone_number := coalesce(p_contact.phone_number, p_erasure.phone_number);
  v_erasure.lid := coalesce(p_contact.lid, p_erasure.lid);
  v_erasure.former_phones := array(
    select unnest(v_phones || public.former_addresses_of(p_contact, 'phone')) except select v_erasure.phone_number
  );
  v_erasure.former_lids := array(
    select unnest(v_lids || public.former_addresses_of(p_contact, 'lid')) except select v_erasure.lid
  );
  if not (public.erased_phones(v_erasure) <@ v_phones and public.erased_lids(v_erasure) <@ v_lids) then
    v_erasure.inbox_cursor := 0;
    v_erasure.event_cursor := 0;
  end if;
  return v_erasure;
end
$$;

-- As before, with all addresses of the person, and in smaller steps, of which the last one alone looks at everything again:
-- the embedded database does nothing else meanwhile.
create or replace function public.erase_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 5000);
  v_window constant int := 5000;
  v_erasure public.erasures;
  v_contact public.contacts;
  v_step record;
  v_is_at_end boolean := true;
begin
  insert into public.erasures (organization_id, contact_id, phone_number, lid)
    select k.organization_id, k.id, k.phone_number, k.lid
    from public.contacts k
    where k.organization_id = v_organization_id and k.id = (p ->> 'contact_id')::uuid
    on conflict (organization_id, contact_id) do nothing;
  select * into v_erasure from public.erasures e
    where e.organization_id = v_organization_id and e.contact_id = (p ->> 'contact_id')::uuid
    for update;
  if not found then
    raise exception 'contact not found' using errcode = 'AZ404';
  end if;
  if v_erasure.erased_at is not null then
    return jsonb_build_object('receipt', public.erasure_receipt(v_erasure));
  end if;
  if v_erasure.is_near_end then
    -- Before rows of the inbox: the order of everybody who locks both.
    perform 1 from public.organizations where id = v_organization_id for no key update;
  end if;

  select * into v_contact from public.contacts k
    where k.organization_id = v_organization_id
      and (k.id = v_erasure.contact_id or k.phone_number = v_erasure.phone_number or k.lid = v_erasure.lid)
    order by k.id = v_erasure.contact_id desc, k.phone_number = v_erasure.phone_number desc nulls last
    limit 1;
  if found then
    v_erasure := public.learn_addresses(v_erasure, v_contact);
  end if;

  if v_erasure.is_near_end then
    v_step := public.erase_conversation(v_erasure, v_contact.id, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
  end if;
  if v_is_at_end then
    v_step := public.erase_from_inbox(v_erasure, v_window, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
  end if;
  if v_is_at_end then
    v_step := public.erase_from_events(v_erasure, v_contact.id, v_window, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
  end if;
  if v_is_at_end and v_erasure.is_near_end then
    v_erasure := public.erase_person(v_erasure, v_contact.id);
  end if;
  v_erasure.is_near_end := v_erasure.is_near_end or v_is_at_end;

  update public.erasures e
    set counts = v_erasure.counts, inbox_cursor = v_erasure.inbox_cursor, event_cursor = v_erasure.event_cursor,
      is_near_end = v_erasure.is_near_end, phone_number = v_erasure.phone_number, lid = v_erasure.lid,
      former_phones = v_erasure.former_phones, former_lids = v_erasure.former_lids, erased_at = v_erasure.erased_at
    where e.id = v_erasure.id;
  return jsonb_build_object('receipt',
    case when v_erasure.erased_at is not null then public.erasure_receipt(v_erasure) end);
end
$$;

-- As before, with all addresses of the person. A page holds about so many bytes of texts and bodies, however long each of
-- them is; `next` is null where nothing is left to look at.
create or replace function public.export_contact(p jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_after constant bigint := coalesce((p ->> 'after')::bigint, 0);
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 100), 1), 500);
  v_bytes constant int := 500000;
  v_window constant int := 5000;
  v_contact public.contacts;
  v_phones text[];
  v_lids text[];
  v_from text[];
  v_pattern text;
  v_rows jsonb;
  v_next bigint;
  v_until bigint;
  v_found int;
  v_shown int;
begin
  select * into v_contact from public.contacts
    where organization_id = v_organization_id and id = (p ->> 'contact_id')::uuid;
  if not found then
    raise exception 'contact not found' using errcode = 'AZ404';
  end if;
  v_phones := array_remove(public.former_addresses_of(v_contact, 'phone') || v_contact.phone_number, null);
  v_lids := array_remove(public.former_addresses_of(v_contact, 'lid') || v_contact.lid, null);
  v_pattern := public.person_pattern(v_phones, v_lids);
  case p ->> 'kind'
    when 'former_addresses' then
      select jsonb_agg(to_jsonb(a) order by a.kind, a.digits), nullif(v_after + count(*), v_after) into v_rows, v_next
        from (
          select f.kind, f.digits from public.former_addresses f where f.contact_id = v_contact.id
          order by f.kind, f.digits
          offset v_after limit v_limit
        ) a;
    when 'messages' then
      with found as (
        (
          select * from public.messages
          where contact_id = v_contact.id and ordinal > v_after
          order by ordinal
          limit v_limit
        )
        union all
        (
          select * from public.messages
          where contact_id is null and ordinal > v_after and organization_id = v_organization_id
            and chat_jid ~ v_pattern
          order by ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.*, sum(octet_length(f.content)) over (order by f.ordinal) - octet_length(f.content) as bytes_before
        from found f
      )
      select jsonb_agg(to_jsonb(m) - 'bytes_before' order by m.ordinal), max(m.ordinal) into v_rows, v_next
        from page m
        where m.bytes_before < v_bytes;
    when 'notes' then
      with found as (
        (
          select * from public.notes
          where contact_id = v_contact.id and ordinal > v_after
          order by ordinal
          limit v_limit
        )
        union all
        (
          select * from public.notes
          where contact_id is null and ordinal > v_after and organization_id = v_organization_id
            and chat_key ~ v_pattern
          order by ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.*, sum(octet_length(f.content)) over (order by f.ordinal) - octet_length(f.content) as bytes_before
        from found f
      )
      select jsonb_agg(to_jsonb(n) - 'bytes_before' order by n.ordinal), max(n.ordinal) into v_rows, v_next
        from page n
        where n.bytes_before < v_bytes;
    when 'bookings' then
      -- They have no number: the place in their order is as good, while none is deleted.
      select jsonb_agg(to_jsonb(b) order by b.created_at, b.id), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select * from public.bookings where contact_id = v_contact.id
          order by created_at, id
          offset v_after limit v_limit
        ) b;
    when 'undecrypted' then
      select jsonb_agg(to_jsonb(u) order by u.id), max(u.id) into v_rows, v_next
        from (
          select * from public.undecrypted_messages
          where id > v_after and organization_id = v_organization_id
            and (phone = any (v_phones) or lid = any (v_lids))
          order by id
          limit v_limit
        ) u;
    when 'inbox' then
      -- What is looked at is bounded by the ids alone, so that no row is looked at twice for the next page.
      select max(w.id) into v_until
        from (select i.id from public.inbox i where i.id > v_after order by i.id limit v_window) w;
      with found as (
        select i.* from public.inbox i
        where i.id > v_after and i.id <= v_until and i.organization_id = v_organization_id
          and public.inbox_addressing(i) ~ v_pattern
        order by i.id
        limit v_limit
      ), page as (
        select f.*, sum(b.bytes) over (order by f.id) - b.bytes as bytes_before
        from found f
        cross join lateral (select coalesce(octet_length(f.body), 0) as bytes) b
      )
      select jsonb_agg((to_jsonb(i) - 'body' - 'claimed_by' - 'claimed_until' - 'bytes_before')
            || jsonb_build_object('body', public.encode_base64(i.body)) order by i.id)
            filter (where i.bytes_before < v_bytes),
          max(i.id) filter (where i.bytes_before < v_bytes), count(*), count(*) filter (where i.bytes_before < v_bytes)
        into v_rows, v_next, v_found, v_shown
        from page i;
      if v_found < v_limit and v_shown = v_found then
        v_next := v_until;
      end if;
    when 'events' then
      v_from := v_phones || array(select l.lid || '@lid' from unnest(v_lids) as l (lid));
      select max(w.sequence) into v_until
        from (
          select e.sequence from public.events e
          where e.organization_id = v_organization_id and e.sequence > v_after
          order by e.sequence
          limit v_window
        ) w;
      with found as (
        select e.* from public.events e
        where e.organization_id = v_organization_id and e.sequence > v_after and e.sequence <= v_until
          and (e.payload ->> 'contactId' = v_contact.id::text or e.payload ->> 'from' = any (v_from))
        order by e.sequence
        limit v_limit
      ), page as (
        select f.*, sum(b.bytes) over (order by f.sequence) - b.bytes as bytes_before
        from found f
        cross join lateral (select coalesce(octet_length(f.payload ->> 'text'), 0) as bytes) b
      )
      select jsonb_agg(to_jsonb(e) - 'bytes_before' order by e.sequence)
            filter (where e.bytes_before < v_bytes),
          max(e.sequence) filter (where e.bytes_before < v_bytes),
          count(*), count(*) filter (where e.bytes_before < v_bytes)
        into v_rows, v_next, v_found, v_shown
        from page e;
      if v_found < v_limit and v_shown = v_found then
        v_next := v_until;
      end if;
    else
      raise exception 'unknown kind %', p ->> 'kind' using errcode = '22023';
  end case;
  return jsonb_build_object('rows', coalesce(v_rows, '[]'), 'next', v_next);
end
$$;

drop function public.person_pattern(text, text);
drop function public.digits_of_person(text, text);

do $$
declare
  v_name text;
begin
  foreach v_name in array array[
    'remember_addresses(uuid, text, text)', 'keep_former_addresses()', 'former_addresses_of(public.contacts, text)',
    'erased_phones(public.erasures)', 'erased_lids(public.erasures)', 'person_pattern(text[], text[])',
    'erased_pattern(public.erasures)', 'erase_from_inbox(public.erasures, int, int)',
    'erase_from_events(public.erasures, uuid, int, int)', 'learn_addresses(public.erasures, public.contacts)'
  ] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
