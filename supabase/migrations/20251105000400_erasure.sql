-- A person's rights: everything that is kept about a contact can be read in pieces, and removed.
-- Nothing here is called often: it scans what the many writes must not pay an index for.

-- Receipts of erasures. While one is under way it is also the note of how far it has come.
create table public.erasures (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  -- The contact that was; names nobody any more.
  contact_id uuid not null,
  requested_at timestamptz not null default now(),
  erased_at timestamptz,
  -- How many rows of each kind.
  counts jsonb not null default '{}',
  -- Until it is finished: a message that comes meanwhile may join the contact with another one.
  phone_number text,
  lid text,
  inbox_cursor bigint not null default 0,
  event_cursor bigint not null default 0,
  -- Both have come to the end once: what is left is little.
  is_near_end boolean not null default false,
  unique (organization_id, contact_id),
  check (erased_at is null or (phone_number is null and lid is null))
);
create index idx_erasures_organization on public.erasures (organization_id, requested_at desc, id desc);
create index idx_erasures_unfinished on public.erasures (requested_at) where erased_at is null;

-- Marks of messages that were erased: one that is delivered again, also in another ciphertext, does not bring the person
-- back. A mark is a hash over address and random id, and tells neither.
create table public.erased_messages (
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  mark bytea not null,
  erased_at timestamptz not null default now(),
  primary key (instance_id, mark)
);
create index idx_erased_messages_age on public.erased_messages (erased_at);

alter table public.erasures enable row level security;
alter table public.erased_messages enable row level security;
revoke all on public.erasures, public.erased_messages from anon, authenticated;
grant select, insert, update, delete on public.erasures, public.erased_messages to service_role;

-- No `set` here and in `inbox_addressing`, so that calls are inlined; names in a body of this form are bound when it is
-- created.
create function public.message_mark(p_instance_id uuid, p_address text, p_message_id text) returns bytea
  language sql immutable parallel safe
  return sha256(convert_to(p_instance_id::text || '/' || p_address || '/' || p_message_id, 'UTF8'));

-- The digits of a person's addresses, as alternatives of a pattern; null where there are none.
create function public.digits_of_person(p_phone text, p_lid text) returns text
  language sql immutable parallel safe
  set search_path = ''
  return nullif(concat_ws('|', nullif(regexp_replace(p_phone, '[^0-9]', '', 'g'), ''),
    nullif(regexp_replace(p_lid, '[^0-9]', '', 'g'), '')), '');

-- Matches the JIDs of a person in a text, with or without device; null where no address is known.
create function public.person_pattern(p_phone text, p_lid text) returns text
  language sql immutable parallel safe
  set search_path = ''
  return '(^|[^0-9._:@])(' || nullif(concat_ws('|',
    public.digits_of_person(p_phone, null) || '([._][0-9]+)?(:[0-9]+)?@(s\.whatsapp\.net|c\.us|hosted)(?![a-z.])',
    public.digits_of_person(null, p_lid) || '([._][0-9]+)?(:[0-9]+)?@(lid|hosted\.lid)'
  ), '') || ')';

-- What a row of the inbox says about whose it is; the sender chooses its id and its name, which say nothing.
create function public.inbox_addressing(p_row public.inbox) returns text
  language sql immutable parallel safe
  return p_row.chat || ' ' || p_row.sender || ' ' || (p_row.attrs - 'id' - 'notify')::text;

-- Takes everything out of rows of the inbox but what keeps a redelivery from being taken for a new message.
create function public.empty_inbox_rows(p_ids bigint[]) returns bigint
  language plpgsql
  set search_path = ''
as $$
declare
  v_emptied bigint;
begin
  with held as materialized (
    -- In the order of ids, as everybody who locks several rows.
    select i.id from public.inbox i where i.id = any (p_ids) order by i.id for update
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

-- Goes on through the inbox from where the erasure was, for a bounded number of rows; `is_at_end` when it came to the end.
create function public.erase_from_inbox(p_erasure public.erasures, p_window int, out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
as $$
declare
  v_pattern constant text := public.person_pattern(p_erasure.phone_number, p_erasure.lid);
  -- Rows get their ids before they are committed, not always in this order.
  v_margin constant int := case when p_erasure.is_near_end then 10000 else 0 end;
  v_ids bigint[];
  v_peers bigint[];
  v_seen int;
  v_last bigint;
begin
  select array_agg(w.id) filter (where w.is_theirs), array_agg(w.id) filter (where w.is_peer), max(w.id), count(*)
    into v_ids, v_peers, v_last, v_seen
    from (
      select i.id,
        i.organization_id = p_erasure.organization_id and public.inbox_addressing(i) ~ v_pattern as is_theirs,
        -- What the account's own phone sent after: it may hold anybody's message, and was read.
        i.organization_id = p_erasure.organization_id and i.attrs ->> 'category' = 'peer' and i.state = 1
          and i.body is not null as is_peer
      from public.inbox i
      where i.id > p_erasure.inbox_cursor - v_margin
      order by i.id
      limit p_window + v_margin
    ) w;
  erasure := p_erasure;
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_ids));
  if v_peers is not null then
    perform 1 from public.inbox i where i.id = any (v_peers) order by i.id for update;
    update public.inbox i set body = null where i.id = any (v_peers);
  end if;
  erasure.inbox_cursor := greatest(erasure.inbox_cursor, v_last);
  is_at_end := v_seen < p_window + v_margin;
end
$$;

-- As `erase_from_inbox`. Events are committed in their sequence, which only who holds the organization can prolong.
create function public.erase_from_events(p_erasure public.erasures, p_contact_id uuid, p_window int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
as $$
declare
  v_sequences bigint[];
  v_seen int;
  v_last bigint;
  v_rows int;
begin
  select array_agg(w.sequence) filter (where w.is_theirs), max(w.sequence), count(*)
    into v_sequences, v_last, v_seen
    from (
      select e.sequence,
        e.payload ->> 'contactId' in (p_contact_id::text, p_erasure.contact_id::text)
          or e.payload ->> 'from' in (p_erasure.phone_number, p_erasure.lid || '@lid') as is_theirs
      from public.events e
      where e.organization_id = p_erasure.organization_id and e.sequence > p_erasure.event_cursor
      order by e.sequence
      limit p_window
    ) w;
  update public.events e set payload = '{"erased": true}'
    where e.organization_id = p_erasure.organization_id and e.sequence = any (v_sequences);
  get diagnostics v_rows = row_count;
  erasure := p_erasure;
  erasure.counts := public.add_count(erasure.counts, 'events', v_rows);
  erasure.event_cursor := greatest(erasure.event_cursor, v_last);
  is_at_end := v_seen < p_window;
end
$$;

-- Remembers messages by their marks, so that they are known when they are delivered again.
create function public.mark_erased(p_instances uuid[], p_message_ids text[], p_erasure public.erasures) returns void
  language sql
  set search_path = ''
as $$
  insert into public.erased_messages (instance_id, mark)
    select m.instance_id, public.message_mark(m.instance_id, a.address, m.message_id)
    from unnest(p_instances, p_message_ids) as m (instance_id, message_id)
    cross join unnest(array[p_erasure.phone_number, p_erasure.lid]) as a (address)
    where a.address is not null and m.message_id is not null
    on conflict do nothing
$$;

-- Deletes messages, notes and bookings of a contact, at most so many of each. The caller holds the organization.
create function public.erase_conversation(p_erasure public.erasures, p_contact_id uuid, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
as $$
declare
  v_pattern constant text := public.person_pattern(p_erasure.phone_number, p_erasure.lid);
  v_instances uuid[];
  v_ids text[];
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
      returning m.instance_id, m.whatsapp_message_id
  )
  select array_agg(g.instance_id), array_agg(g.whatsapp_message_id), count(*) into v_instances, v_ids, v_rows
    from gone g;
  perform public.mark_erased(v_instances, v_ids, p_erasure);
  erasure.counts := public.add_count(erasure.counts, 'messages', v_rows);
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
    delete from public.notes n using theirs t where n.id = t.id returning n.instance_id, n.whatsapp_message_id
  )
  select array_agg(g.instance_id), array_agg(g.whatsapp_message_id), count(*) into v_instances, v_ids, v_rows
    from gone g;
  perform public.mark_erased(v_instances, v_ids, p_erasure);
  erasure.counts := public.add_count(erasure.counts, 'notes', v_rows);
  is_at_end := is_at_end and v_rows < p_limit;

  delete from public.bookings b
    where b.id in (select t.id from public.bookings t where t.contact_id = p_contact_id limit p_limit);
  get diagnostics v_rows = row_count;
  erasure.counts := public.add_count(erasure.counts, 'bookings', v_rows);
  is_at_end := is_at_end and v_rows < p_limit;
end
$$;

-- The last of it: the ledger, the keys, the contact itself. The caller holds the organization.
create function public.erase_person(p_erasure public.erasures, p_contact_id uuid) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_instances constant uuid[] := array(
    select i.id from public.whatsapp_instances i where i.organization_id = p_erasure.organization_id order by i.id
  );
  v_of uuid[];
  v_ids text[];
  v_rows int;
begin
  select array_agg(u.instance_id), array_agg(u.message_id) into v_of, v_ids
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.phone = p_erasure.phone_number or u.lid = p_erasure.lid);
  perform public.mark_erased(v_of, v_ids, p_erasure);
  with held as materialized (
    select u.id
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.phone = p_erasure.phone_number or u.lid = p_erasure.lid)
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

  -- Last and in order: commits of sessions wait for these locks. A session that runs keeps what it has in memory; where a
  -- key is missing later, WhatsApp's clients agree on new ones by themselves.
  perform 1 from public.whatsapp_instances i where i.id = any (v_instances) order by i.id for no key update;
  delete from public.whatsapp_session_keys k
    where k.instance_id = any (v_instances)
      and k.key_type in ('session', 'identity-key', 'device-list', 'lid-mapping', 'tctoken', 'sender-key', 'sender-key-memory')
      and k.key_id ~ ('(^|[^0-9])(' || public.digits_of_person(p_erasure.phone_number, p_erasure.lid) || ')([^0-9]|$)');
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'session_keys', v_rows);

  delete from public.contacts k where k.id = p_contact_id;
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'contacts', v_rows);
  v_erasure.phone_number := null;
  v_erasure.lid := null;
  v_erasure.erased_at := now();
  return v_erasure;
end
$$;

-- Erases a contact with everything about it, in steps of bounded size: to be called until `receipt` comes. First inbox and
-- events are gone through without holding anybody up. Then each step holds the organization, as whoever processes its
-- messages does, so that nothing which is processed meanwhile can leave remains. Whatever is received afterwards is a new
-- contact's.
create function public.erase_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 2000), 1), 5000);
  v_window constant int := 20000;
  v_erasure public.erasures;
  v_contact public.contacts;
  v_step record;
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
  if v_contact.phone_number <> coalesce(v_erasure.phone_number, '') or v_contact.lid <> coalesce(v_erasure.lid, '') then
    -- More is known of the person, who may have been joined with another contact: what was gone through counts again.
    v_erasure.phone_number := coalesce(v_contact.phone_number, v_erasure.phone_number);
    v_erasure.lid := coalesce(v_contact.lid, v_erasure.lid);
    v_erasure.inbox_cursor := 0;
    v_erasure.event_cursor := 0;
  end if;

  v_step := public.erase_from_inbox(v_erasure, v_window);
  if v_step.is_at_end then
    v_step := public.erase_from_events(v_step.erasure, v_contact.id, v_window);
  end if;
  if v_step.is_at_end and v_erasure.is_near_end then
    v_step := public.erase_conversation(v_step.erasure, v_contact.id, v_limit);
    if v_step.is_at_end then
      v_erasure := public.erase_person(v_step.erasure, v_contact.id);
    else
      v_erasure := v_step.erasure;
    end if;
  else
    v_erasure := v_step.erasure;
    v_erasure.is_near_end := v_erasure.is_near_end or v_step.is_at_end;
  end if;

  update public.erasures e
    set counts = v_erasure.counts, inbox_cursor = v_erasure.inbox_cursor, event_cursor = v_erasure.event_cursor,
      is_near_end = v_erasure.is_near_end, phone_number = v_erasure.phone_number, lid = v_erasure.lid,
      erased_at = v_erasure.erased_at
    where e.id = v_erasure.id;
  return jsonb_build_object('receipt',
    case when v_erasure.erased_at is not null then public.erasure_receipt(v_erasure) end);
end
$$;

create function public.add_count(p_counts jsonb, p_kind text, p_rows bigint) returns jsonb
  language sql immutable parallel safe
  set search_path = ''
  return p_counts || jsonb_build_object(p_kind, coalesce((p_counts ->> p_kind)::bigint, 0) + coalesce(p_rows, 0));

create function public.erasure_receipt(e public.erasures) returns jsonb
  language sql stable
  set search_path = ''
  return jsonb_build_object('id', e.id, 'organization_id', e.organization_id, 'contact_id', e.contact_id,
    'requested_at', e.requested_at, 'erased_at', e.erased_at, 'counts', e.counts);

-- Erasures that somebody began and nobody works at any more.
create function public.unfinished_erasures(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('organization_id', u.organization_id, 'contact_id', u.contact_id)), '[]')
  from (
    select e.organization_id, e.contact_id
    from public.erasures e
    where e.erased_at is null and e.requested_at < now() - make_interval(secs => (p ->> 'idle_seconds')::float)
    order by e.requested_at
    limit 100
  ) u
$$;

-- One page of what is kept about a contact: rows of one kind after `after`, and where to go on; `next` is null at the end.
-- What is looked at for a page is bounded, too: it may hold less than `limit` and have a next one.
create function public.export_contact(p jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_after constant bigint := coalesce((p ->> 'after')::bigint, 0);
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 100), 1), 500);
  v_window constant int := 2000;
  v_contact public.contacts;
  v_pattern text;
  v_rows jsonb;
  v_last bigint;
  v_seen int;
begin
  select * into v_contact from public.contacts
    where organization_id = v_organization_id and id = (p ->> 'contact_id')::uuid;
  if not found then
    raise exception 'contact not found' using errcode = 'AZ404';
  end if;
  v_pattern := public.person_pattern(v_contact.phone_number, v_contact.lid);
  case p ->> 'kind'
    when 'messages' then
      select jsonb_agg(to_jsonb(m) order by m.ordinal), max(m.ordinal), count(*) into v_rows, v_last, v_seen
        from (
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
        ) m;
    when 'notes' then
      select jsonb_agg(to_jsonb(n) order by n.ordinal), max(n.ordinal), count(*) into v_rows, v_last, v_seen
        from (
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
        ) n;
    when 'bookings' then
      -- They have no number: the place in their order is as good, while none is deleted.
      select jsonb_agg(to_jsonb(b) order by b.created_at, b.id), v_after + count(*), count(*)
        into v_rows, v_last, v_seen
        from (
          select * from public.bookings where contact_id = v_contact.id
          order by created_at, id
          offset v_after limit v_limit
        ) b;
    when 'undecrypted' then
      select jsonb_agg(to_jsonb(u) order by u.id), max(u.id), count(*) into v_rows, v_last, v_seen
        from (
          select * from public.undecrypted_messages
          where id > v_after and organization_id = v_organization_id
            and (phone = v_contact.phone_number or lid = v_contact.lid)
          order by id
          limit v_limit
        ) u;
    when 'inbox' then
      with examined as (
        select i.id, i.organization_id = v_organization_id and public.inbox_addressing(i) ~ v_pattern as is_theirs
        from public.inbox i
        where i.id > v_after
        order by i.id
        limit v_window
      ), theirs as (
        select x.id from examined x where x.is_theirs order by x.id limit v_limit
      )
      select jsonb_agg((to_jsonb(i) - 'body' - 'claimed_by' - 'claimed_until')
            || jsonb_build_object('body', public.encode_base64(i.body)) order by i.id),
          case when count(*) = v_limit then max(i.id) else (select max(x.id) from examined x) end,
          case when count(*) = v_limit then v_limit else (select count(*) from examined x) / v_window * v_limit end
        into v_rows, v_last, v_seen
        from public.inbox i
        where i.id in (select t.id from theirs t);
    when 'events' then
      with examined as (
        select e.sequence, e.payload ->> 'contactId' = v_contact.id::text
            or e.payload ->> 'from' in (v_contact.phone_number, v_contact.lid || '@lid') as is_theirs
        from public.events e
        where e.organization_id = v_organization_id and e.sequence > v_after
        order by e.sequence
        limit v_window
      ), theirs as (
        select x.sequence from examined x where x.is_theirs order by x.sequence limit v_limit
      )
      select jsonb_agg(to_jsonb(e) order by e.sequence),
          case when count(*) = v_limit then max(e.sequence) else (select max(x.sequence) from examined x) end,
          case when count(*) = v_limit then v_limit else (select count(*) from examined x) / v_window * v_limit end
        into v_rows, v_last, v_seen
        from public.events e
        where e.organization_id = v_organization_id and e.sequence in (select t.sequence from theirs t);
    else
      raise exception 'unknown kind %', p ->> 'kind' using errcode = '22023';
  end case;
  return jsonb_build_object('rows', coalesce(v_rows, '[]'), 'next', case when v_seen = v_limit then v_last end);
end
$$;

-- Takes out what was erased: `skip`, and nothing of it stays in the inbox.
create function public.skip_erased(p_work public.ingest_work[]) returns public.ingest_work[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_erased bigint[];
  v_work public.ingest_work[];
begin
  select array_agg(w.inbox_id) into v_erased
    from unnest(p_work) w
    where w.action in ('client', 'owner_note', 'undecrypted')
      and exists (
        select from public.erased_messages e
        where e.instance_id = w.instance_id and e.mark in (
          public.message_mark(w.instance_id, w.phone, w.message_id),
          public.message_mark(w.instance_id, w.lid, w.message_id)
        )
      );
  if v_erased is null then
    return p_work;
  end if;
  update public.inbox i set body = null, message_id = '', chat = '', sender = '', attrs = '{}'
    where i.id = any (v_erased);
  select array_agg(
      case when w.inbox_id = any (v_erased) then row(w.position, w.inbox_id, 'skip', 'erased', w.organization_id,
        w.instance_id, null, null, null, '', '', '', w.content_type, w.sent_at, null, null)::public.ingest_work
      else w end order by w.position)
    into v_work
    from unnest(p_work) w;
  return v_work;
end
$$;

-- As before, and without what was erased.
create or replace function public.begin_ingest(p_items jsonb, p_worker text) returns public.ingest_work[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids constant bigint[] := array(select (e ->> 'inbox_id')::bigint from jsonb_array_elements(p_items) e);
  v_work public.ingest_work[];
begin
  -- Whoever locks several organizations does it in the order of their ids: no deadlocks between workers.
  perform 1 from public.organizations o
    where o.id in (select i.organization_id from public.inbox i where i.id = any (v_ids))
    order by o.id
    for no key update;
  with locked as materialized (
    select i.id, i.organization_id, i.instance_id, i.message_id, i.chat, i.received_at
    from public.inbox i
    -- `<=`, as in `claim_inbox`.
    where i.id = any (v_ids) and i.state <= 0
      and (i.claimed_by is null or i.claimed_by = p_worker or i.claimed_until <= now())
    order by i.id
    for update
  ), waiting as materialized (
    -- Of each instance the oldest row that waits and is none of these. What is younger must wait for it.
    select h.instance_id, o.id
    from (select distinct l.instance_id from locked l) h
    cross join lateral (
      select i.id
      from public.inbox i
      where i.state = 0 and i.instance_id = h.instance_id and i.id not in (select l.id from locked l)
      order by i.id
      limit 1
    ) o
  ), items as (
    select distinct on (e.inbox_id) e.*, nullif(e.phone, '') as phone_or_null, nullif(e.lid, '') as lid_or_null
    from rows from (jsonb_to_recordset(p_items) as (inbox_id bigint, action text, reason text, phone text, lid text,
      push_name text, message_id text, content text, content_type text, sent_at timestamptz))
      with ordinality as e (inbox_id, action, reason, phone, lid, push_name, message_id, content, content_type,
      sent_at, position)
    order by e.inbox_id, e.position
  )
  select array_agg(row(
      w.position, l.id,
      case when w.action = 'client' and w.phone_or_null is null and w.lid_or_null is null then 'dead'
        else w.action end,
      case when w.action = 'client' and w.phone_or_null is null and w.lid_or_null is null then 'no_address'
        else w.reason end,
      l.organization_id, l.instance_id, w.phone_or_null, w.lid_or_null,
      nullif(nullif(btrim(left(w.push_name, 200)), ''), 'Unknown'),
      coalesce(w.message_id, l.message_id), l.chat, coalesce(w.content, ''), coalesce(w.content_type, 'conversation'),
      coalesce(w.sent_at, l.received_at), null, null
    )::public.ingest_work order by w.position)
    into v_work
    from items w
    join locked l on l.id = w.inbox_id
    left join waiting o on o.instance_id = l.instance_id
    where o.id is null or l.id < o.id;
  -- Where nobody was ever erased, nothing more than this is asked.
  if v_work is not null and exists (select from public.erased_messages) then
    v_work := public.skip_erased(v_work);
  end if;
  return coalesce(v_work, '{}');
end
$$;

-- Rows are found by index and in its order, however many there are and whatever the statistics say of a table that was
-- nearly empty.
do $$
declare
  v_name text;
begin
  foreach v_name in array array[
    'export_contact(jsonb)', 'erase_from_inbox(public.erasures, int)', 'erase_from_events(public.erasures, uuid, int)',
    'erase_conversation(public.erasures, uuid, int)'
  ] loop
    execute format('alter function public.%s set enable_seqscan = off', v_name);
    execute format('alter function public.%s set enable_bitmapscan = off', v_name);
  end loop;
end
$$;

do $$
declare
  v_name text;
begin
  foreach v_name in array array[
    'message_mark(uuid, text, text)', 'digits_of_person(text, text)', 'person_pattern(text, text)', 'inbox_addressing(public.inbox)',
    'empty_inbox_rows(bigint[])',
    'erase_from_inbox(public.erasures, int)', 'erase_from_events(public.erasures, uuid, int)',
    'mark_erased(uuid[], text[], public.erasures)', 'erase_conversation(public.erasures, uuid, int)',
    'erase_person(public.erasures, uuid)', 'erase_contact(jsonb)', 'add_count(jsonb, text, bigint)',
    'erasure_receipt(public.erasures)', 'unfinished_erasures(jsonb)', 'export_contact(jsonb)',
    'skip_erased(public.ingest_work[])'
  ] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
