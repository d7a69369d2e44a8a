-- Received messages become contacts, messages, notes, bookings, counters and events.

-- One decision of a worker, joined with the inbox row that it is about.
create type public.ingest_work as (
  position bigint,
  inbox_id bigint,
  action text,
  reason text,
  organization_id text,
  instance_id uuid,
  phone text,
  lid text,
  push_name text,
  message_id text,
  chat text,
  content text,
  content_type text,
  sent_at timestamptz,
  contact_id uuid,
  booking_id uuid
);

-- Locks the pending rows of the items and returns what is to be done with them, leaving out those before whose turn it is
-- not: whoever hands rows in, an instance's messages are processed in the order in which they came.
create function public.begin_ingest(p_items jsonb, p_worker text) returns public.ingest_work[]
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
  return coalesce(v_work, '{}');
end
$$;

-- Makes sure that every client has a contact, and fills in what the store says about each item.
create function public.resolve_contacts(p_work public.ingest_work[], p_booking_policy text)
  returns public.ingest_work[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_person record;
  v_work public.ingest_work[];
  i int;
begin
  -- New people whose addresses occur in one combination only: the usual case, one statement for all of them.
  with people as (
    select w.organization_id, w.phone, w.lid, min(w.position) as position,
      max(least(w.sent_at, now())) as last_message_at,
      (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
    from unnest(p_work) w
    where w.action = 'client'
    group by w.organization_id, w.phone, w.lid
  ), counted as (
    select n.*,
      case when n.phone is null then 1 else count(*) over (partition by n.organization_id, n.phone) end as with_phone,
      case when n.lid is null then 1 else count(*) over (partition by n.organization_id, n.lid) end as with_lid
    from people n
  )
  insert into public.contacts (organization_id, phone_number, lid, name, name_source, last_message_at)
    select n.organization_id, n.phone, n.lid, coalesce(n.push_name, 'Unknown'),
      case when n.push_name is null then 'unknown' else 'push' end, n.last_message_at
    from counted n
    where n.with_phone = 1 and n.with_lid = 1
      and not exists (
        select from public.contacts k where k.organization_id = n.organization_id and k.phone_number = n.phone
      )
      and not exists (select from public.contacts k where k.organization_id = n.organization_id and k.lid = n.lid)
    order by n.position
    on conflict do nothing;

  -- People of whom something new was learnt, in the order in which it was.
  for v_person in
    select w.organization_id, w.phone, w.lid
    from unnest(p_work) w
    left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
    left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid
    where w.action = 'client'
      and (w.phone is not null and a.id is null or w.lid is not null and b.id is null
        or w.phone is not null and w.lid is not null and a.id <> b.id)
    group by w.organization_id, w.phone, w.lid
    order by min(w.position)
  loop
    perform public.resolve_person(v_person.organization_id, v_person.phone, v_person.lid, p_booking_policy);
  end loop;

  select array_agg(row(w.position, w.inbox_id, w.action,
      -- The echo of a message that was sent through the API is no note.
      case when w.action = 'owner_note' and exists (
          select from public.messages m
          where m.instance_id = w.instance_id and m.direction = 'outbound' and m.whatsapp_message_id = w.message_id
        ) then 'own_send' else w.reason end,
      w.organization_id, w.instance_id, w.phone, w.lid,
      w.push_name, w.message_id, w.chat, w.content, w.content_type, w.sent_at, coalesce(a.id, b.id),
      case when p_booking_policy = 'every-message' and w.action = 'client' then gen_random_uuid() end
    )::public.ingest_work order by w.position)
    into v_work
    from unnest(p_work) w
    left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
    left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid;

  -- An address that a later item of the same call took away again.
  for i in
    select k.place from unnest(v_work) with ordinality as k (position, inbox_id, action, reason, organization_id,
      instance_id, phone, lid, push_name, message_id, chat, content, content_type, sent_at, contact_id, booking_id, place)
    where k.action = 'client' and k.contact_id is null
    order by k.place
  loop
    v_work[i].contact_id := public.resolve_person(v_work[i].organization_id, v_work[i].phone, v_work[i].lid,
      p_booking_policy);
  end loop;
  return coalesce(v_work, '{}');
end
$$;

-- Stores clients' messages; returns the inbox rows whose message was not there before.
create function public.store_inbound(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_stored bigint[];
begin
  with stored as (
    insert into public.messages (organization_id, contact_id, instance_id, direction, content, content_type,
        whatsapp_message_id, chat_jid, chat_key, status, inbox_id, sent_at)
      select w.organization_id, w.contact_id, w.instance_id, 'inbound', w.content, w.content_type,
        w.message_id, w.chat, w.contact_id::text, 'received', w.inbox_id, w.sent_at
      from unnest(p_work) w
      where w.action = 'client'
      order by w.position
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;

  update public.contacts k
    set last_message_at = greatest(k.last_message_at, u.last_message_at),
      name = case when u.push_name is not null and k.name_source <> 'person' then u.push_name else k.name end,
      name_source = case when u.push_name is not null and k.name_source <> 'person' then 'push'
        else k.name_source end
    from (
      select w.contact_id, max(least(w.sent_at, now())) as last_message_at,
        (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
      from unnest(p_work) w
      where w.inbox_id = any (v_stored)
      group by w.contact_id
    ) u
    where k.id = u.contact_id
      and (k.last_message_at is null or k.last_message_at < u.last_message_at
        or u.push_name <> k.name and k.name_source <> 'person');
  return v_stored;
end
$$;

-- Stores the owner's notes; returns the inbox rows whose note was not there before.
create function public.store_notes(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_stored bigint[];
begin
  with stored as (
    insert into public.notes (organization_id, contact_id, instance_id, content, content_type, whatsapp_message_id,
        chat_key, inbox_id, sent_at)
      select w.organization_id, w.contact_id, w.instance_id, w.content, w.content_type, w.message_id,
        coalesce(w.contact_id::text, w.chat), w.inbox_id, w.sent_at
      from unnest(p_work) w
      where w.action = 'owner_note' and w.reason <> 'own_send'
      order by w.position
      on conflict (instance_id, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;
  return v_stored;
end
$$;

-- Makes the bookings of newly stored messages.
create function public.store_bookings(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
  returns void
  language plpgsql
  set search_path = ''
as $$
begin
  if p_booking_policy = 'every-message' then
    insert into public.bookings (id, organization_id, contact_id, instance_id)
      select w.booking_id, w.organization_id, w.contact_id, w.instance_id
      from unnest(p_work) w
      where w.inbox_id = any (p_stored)
      order by w.position;
  elsif p_booking_policy = 'one-open' then
    insert into public.bookings (organization_id, contact_id, instance_id)
      select distinct on (w.contact_id) w.organization_id, w.contact_id, w.instance_id
      from unnest(p_work) w
      where w.inbox_id = any (p_stored)
        and not exists (
          select from public.bookings b where b.contact_id = w.contact_id and b.status = 'pending'
        )
      order by w.contact_id, w.position;
  elsif p_booking_policy <> 'off' then
    raise exception 'unknown booking policy %', p_booking_policy using errcode = '22023';
  end if;
end
$$;

-- Appends a `whatsapp:message` event for each newly stored message, in order; returns them.
create function public.store_message_events(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_events jsonb;
begin
  with fresh as (
    select w.*, row_number() over (partition by w.organization_id order by w.position) as place
    from unnest(p_work) w
    where w.inbox_id = any (p_stored)
  ), counted as (
    select f.organization_id, count(*) as events from fresh f group by f.organization_id
  ), numbered as (
    update public.organizations o set event_seq = o.event_seq + c.events
      from counted c where o.id = c.organization_id
      returning o.id, o.event_seq - c.events as base
  ), made as materialized (
    select f.position, f.organization_id, n.base + f.place as sequence, f.instance_id,
      jsonb_strip_nulls(jsonb_build_object(
        'instanceId', f.instance_id,
        'messageId', f.message_id,
        'from', coalesce(f.phone, k.phone_number, f.lid || '@lid'),
        'text', f.content,
        'timestamp', to_char(f.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'contactId', f.contact_id,
        'bookingId', case when p_booking_policy = 'one-open' then (
            select b.id from public.bookings b
            where b.contact_id = f.contact_id and b.status = 'pending'
            order by b.created_at, b.id
            limit 1
          ) else f.booking_id end
      )) as payload
    from fresh f
    join numbered n on n.id = f.organization_id
    join public.contacts k on k.id = f.contact_id
  ), stored as (
    insert into public.events (organization_id, sequence, name, payload, instance_id)
      select m.organization_id, m.sequence, 'whatsapp:message', m.payload, m.instance_id from made m
  )
  select jsonb_agg(jsonb_build_object('organization_id', m.organization_id, 'sequence', m.sequence,
      'name', 'whatsapp:message', 'payload', m.payload) order by m.position)
    into v_events
    from made m;
  return coalesce(v_events, '[]');
end
$$;

create function public.ingest_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_policy constant text := p ->> 'booking_policy';
  v_work public.ingest_work[];
  v_messages bigint[];
  v_notes bigint[];
  v_events jsonb;
begin
  v_work := public.begin_ingest(p -> 'items', p ->> 'worker');
  if cardinality(v_work) = 0 then
    return '{"events": [], "processed": 0}';
  end if;
  v_work := public.resolve_contacts(v_work, v_policy);
  v_messages := public.store_inbound(v_work);
  v_notes := public.store_notes(v_work);
  perform public.store_bookings(v_work, v_messages, v_policy);
  v_events := public.store_message_events(v_work, v_messages, v_policy);

  update public.inbox i
    set state = case when w.action = 'dead' then 2 else 1 end,
      reason = case
        when w.action = 'client' and w.inbox_id <> all (v_messages) then 'duplicate'
        when w.action = 'owner_note' and w.reason <> 'own_send' and w.inbox_id <> all (v_notes) then 'duplicate'
        else w.reason end,
      error = case when w.action = 'dead' then w.reason end,
      processed_at = now(), claimed_by = null, claimed_until = null
    from unnest(v_work) w
    where i.id = w.inbox_id and i.state <= 0;

  -- Last and in order: commits of sessions wait for these locks.
  perform 1 from public.whatsapp_instances i
    where i.id in (select w.instance_id from unnest(v_work) w where w.inbox_id = any (v_messages))
    order by i.id
    for no key update;
  update public.whatsapp_instances i
    set messages_received_count = i.messages_received_count + c.messages
    from (
      select w.instance_id, count(*) as messages
      from unnest(v_work) w where w.inbox_id = any (v_messages) group by w.instance_id
    ) c
    where i.id = c.instance_id;
  return jsonb_build_object('events', v_events, 'processed', cardinality(v_work));
end
$$;
