-- Received messages become contacts, messages, notes, bookings, counters and events.

-- One decision of a worker, joined with the inbox row that it is about.
do $$
begin
  if to_regtype('public.ingest_work') is null then
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
      booking_id uuid,
      -- The same number in its other spelling.
      other_phone text
    );
  end if;
end
$$;

-- Locks the pending rows of the items and returns what is to be done with them, without what was erased, and leaving out those
-- before whose turn it is not: whoever hands rows in, an instance's messages are processed in the order in which they came.
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
      push_name text, message_id text, content text, content_type text, sent_at timestamptz, other_phone text))
      with ordinality as e (inbox_id, action, reason, phone, lid, push_name, message_id, content, content_type,
      sent_at, other_phone, position)
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
      coalesce(w.sent_at, l.received_at), null, null, w.other_phone
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

-- Takes out what was erased: `skip`, and nothing of it stays in the inbox.
create or replace function public.skip_erased(p_work public.ingest_work[]) returns public.ingest_work[]
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
        w.instance_id, null, null, null, '', '', '', w.content_type, w.sent_at, null, null,
        null)::public.ingest_work
      else w end order by w.position)
    into v_work
    from unnest(p_work) w;
  return v_work;
end
$$;

-- Makes sure that every client has a contact, and fills in what the store says about each item. `told`: events of contacts that
-- turned out to be one person.
create or replace function public.resolve_people(p_work public.ingest_work[], p_booking_policy text,
    out work public.ingest_work[], out told jsonb)
  language plpgsql
  set search_path = ''
as $$
declare
  v_work public.ingest_work[] := p_work;
  v_new uuid[];
  v_news bigint[];
  v_phones text[];
  v_heads jsonb;
  v_contact_id uuid;
  i int;
begin
  told := '[]'::jsonb;
  -- New people whose addresses occur in one combination only: the usual case, one statement for all of them.
  with people as (
    select w.organization_id, w.phone, w.lid, min(w.other_phone) as other_phone, min(w.position) as position,
      max(least(w.sent_at, now())) as last_message_at,
      (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
    from unnest(p_work) w
    where w.action = 'client'
    group by w.organization_id, w.phone, w.lid
  ), counted as (
    select n.*,
      case when n.phone is null then 1
        else count(*) over (partition by n.organization_id, least(n.phone, n.other_phone)) end as with_phone,
      case when n.lid is null then 1 else count(*) over (partition by n.organization_id, n.lid) end as with_lid
    from people n
  ), made as (
    insert into public.contacts (organization_id, phone_number, lid, name, name_source, last_message_at)
      select n.organization_id, n.phone, n.lid, coalesce(n.push_name, 'Unknown'),
        case when n.push_name is null then 'unknown' else 'push' end, n.last_message_at
      from counted n
      where n.with_phone = 1 and n.with_lid = 1
        and not exists (
          select from public.contacts k
          where k.organization_id = n.organization_id and k.phone_number in (n.phone, n.other_phone)
        )
        and not exists (select from public.contacts k where k.organization_id = n.organization_id and k.lid = n.lid)
      order by n.position
      on conflict do nothing
      returning id
  )
  select array_agg(m.id) into v_new from made m;
  if v_new is not null then
    perform public.join_conversations(v_new);
  end if;

  -- Items that say something new of a person: of a client; and, where both addresses are known, of anybody who is a contact.
  select array_agg(w.place), array_agg(w.phone) || array_agg(w.other_phone) into v_news, v_phones
    from unnest(p_work) with ordinality as w (position, inbox_id, action, reason, organization_id, instance_id, phone, lid,
      push_name, message_id, chat, content, content_type, sent_at, contact_id, booking_id, other_phone, place)
    left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
    left join public.contacts o on o.organization_id = w.organization_id and o.phone_number = w.other_phone
    left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid
    where (w.action = 'client' or w.phone is not null and w.lid is not null
        and coalesce(a.id, o.id, b.id) is not null)
      and (w.phone is not null and a.id is null
        or w.lid is not null and b.id is null
        or a.id <> b.id
        or o.id <> a.id and (o.lid is null or coalesce(w.lid, a.lid) is null));
  if v_news is not null then
    select jsonb_object_agg(o.id, o.event_seq) into v_heads
      from public.organizations o
      where o.id in (select w.organization_id from unnest(p_work) w);
    -- In their order, and with them whoever shows nothing but a number that changes hands meanwhile.
    for i in
      select w.place
      from unnest(p_work) with ordinality as w (position, inbox_id, action, reason, organization_id, instance_id, phone, lid,
        push_name, message_id, chat, content, content_type, sent_at, contact_id, booking_id, other_phone, place)
      where w.place = any (v_news) or w.action = 'client' and w.lid is null and w.phone = any (v_phones)
      order by w.place
    loop
      v_contact_id := public.resolve_person(v_work[i].organization_id, v_work[i].instance_id, v_work[i].phone,
        v_work[i].other_phone, v_work[i].lid, p_booking_policy, v_work[i].action = 'client');
      if v_work[i].action = 'client' then
        v_work[i].contact_id := v_contact_id;
      end if;
    end loop;
    select coalesce(jsonb_agg(jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence,
        'name', e.name, 'payload', e.payload) order by e.organization_id, e.sequence), '[]')
      into told
      from jsonb_each_text(v_heads) as h (organization_id, sequence)
      join public.events e on e.organization_id = h.organization_id and e.sequence > h.sequence::bigint;
  end if;

  select array_agg(row(w.position, w.inbox_id, w.action,
      -- The echo of a message that was sent through the API is no note.
      case when w.action = 'owner_note' and exists (
          select from public.messages m
          where m.instance_id = w.instance_id and m.direction = 'outbound' and m.whatsapp_message_id = w.message_id
        ) then 'own_send' else w.reason end,
      w.organization_id, w.instance_id, w.phone, w.lid,
      w.push_name, w.message_id, w.chat, w.content, w.content_type, w.sent_at,
      coalesce(m.merged_into, w.contact_id, b.id, case when w.lid is null then coalesce(a.id, o.id) end),
      case when p_booking_policy = 'every-message' and w.action = 'client' then gen_random_uuid() end,
      w.other_phone
    )::public.ingest_work order by w.position)
    into work
    from unnest(v_work) w
    left join public.merged_contacts m on m.contact_id = w.contact_id
    left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
    left join public.contacts o on o.organization_id = w.organization_id and o.phone_number = w.other_phone
    left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid;
  work := coalesce(work, '{}');
end
$$;

-- Stores clients' messages; returns the inbox rows whose message was not there before.
create or replace function public.store_inbound(p_work public.ingest_work[]) returns bigint[]
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
create or replace function public.store_notes(p_work public.ingest_work[]) returns bigint[]
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
create or replace function public.store_bookings(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
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
create or replace function public.store_message_events(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
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

-- What an item says about the message in its row; without `chat_kind` it says nothing.
create or replace function public.items_with_origin(p_work public.ingest_work[], p_items jsonb)
  returns table (inbox_id bigint, action text, reason text, organization_id text, instance_id uuid, message_id text,
    chat text, phone text, lid text, contact_id uuid, sent_at timestamptz, chat_kind text, from_me boolean)
  language sql stable
  set search_path = ''
as $$
  select w.inbox_id, w.action, w.reason, w.organization_id, w.instance_id, w.message_id, w.chat, w.phone, w.lid,
    w.contact_id, w.sent_at, o.chat_kind, coalesce(o.from_me, false)
  from unnest(p_work) w
  join jsonb_to_recordset(p_items) as o (inbox_id bigint, chat_kind text, from_me boolean) on o.inbox_id = w.inbox_id
  where o.chat_kind is not null
  order by w.position
$$;

-- Writes placeholders into the ledger; returns the inbox rows of those that were in it already, or whose message had
-- arrived readable before. To be called when the messages of the call are stored.
create or replace function public.record_undecrypted(p_work public.ingest_work[], p_items jsonb) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_item record;
  v_copy bigint;
  v_known bigint[] := '{}'::bigint[];
begin
  if not exists (select from unnest(p_work) w where w.action = 'undecrypted') then
    return v_known;
  end if;
  for v_item in
    select o.*, i.received_at
    from public.items_with_origin(p_work, p_items) o
    join public.inbox i on i.id = o.inbox_id
    where o.action = 'undecrypted'
  loop
    -- 0 for what came from elsewhere than the inbox.
    select c.inbox_id into v_copy
      from (
        select coalesce(m.inbox_id, 0) as inbox_id
        from public.messages m
        where m.instance_id = v_item.instance_id and m.whatsapp_message_id = v_item.message_id
          and m.chat_key = v_item.contact_id::text
          and m.direction = case when v_item.from_me then 'outbound' else 'inbound' end
        union all
        select coalesce(n.inbox_id, 0)
        from public.notes n
        where v_item.from_me and n.instance_id = v_item.instance_id and n.whatsapp_message_id = v_item.message_id
          and n.chat_key = coalesce(v_item.contact_id::text, v_item.chat)
      ) c
      limit 1;
    if v_copy < v_item.inbox_id or exists (
      select from public.find_undecrypted(v_item.instance_id, v_item.message_id, v_item.chat, v_item.chat_kind,
        v_item.from_me, v_item.phone, v_item.lid, v_item.contact_id)
    ) then
      v_known := v_known || v_item.inbox_id;
    else
      insert into public.undecrypted_messages (organization_id, instance_id, inbox_id, message_id, chat, chat_kind,
          from_me, phone, lid, sent_at, received_at, state, recovered_inbox_id, settled_at)
        values (v_item.organization_id, v_item.instance_id, v_item.inbox_id, v_item.message_id, v_item.chat,
          v_item.chat_kind, v_item.from_me, v_item.phone, v_item.lid, v_item.sent_at, v_item.received_at,
          case when v_copy is null then 'waiting' else 'recovered' end, v_copy,
          case when v_copy is not null then now() end)
        on conflict (inbox_id) do nothing;
    end if;
  end loop;
  return v_known;
end
$$;

-- Settles what the readable messages among the items are copies of, whether it still waits or was given up.
create or replace function public.recover_undecrypted(p_work public.ingest_work[], p_items jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  -- Nearly always there is nothing: one probe of a small index for each message.
  if not exists (
    select from unnest(p_work) w
    join public.undecrypted_messages u on u.instance_id = w.instance_id and u.message_id = w.message_id
    where w.action <> 'undecrypted' and u.state <> 'recovered'
  ) then
    return;
  end if;
  update public.undecrypted_messages u
    set state = 'recovered', recovered_inbox_id = c.inbox_id, settled_at = now()
    from (
      select f.id, min(o.inbox_id) as inbox_id
      from public.items_with_origin(p_work, p_items) o
      cross join lateral public.find_undecrypted(o.instance_id, o.message_id, o.chat, o.chat_kind, o.from_me,
        o.phone, o.lid, o.contact_id) f
      where o.action not in ('undecrypted', 'dead')
      group by f.id
    ) c
    where u.id = c.id and u.state <> 'recovered';
end
$$;

create or replace function public.ingest_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_policy constant text := p ->> 'booking_policy';
  v_work public.ingest_work[];
  v_messages bigint[];
  v_notes bigint[];
  v_known bigint[];
  v_step record;
  v_events jsonb;
begin
  v_work := public.begin_ingest(p -> 'items', p ->> 'worker');
  if cardinality(v_work) = 0 then
    return '{"events": [], "processed": 0}'::jsonb;
  end if;
  v_step := public.resolve_people(v_work, v_policy);
  v_work := v_step.work;
  v_messages := public.store_inbound(v_work);
  v_notes := public.store_notes(v_work);
  perform public.store_bookings(v_work, v_messages, v_policy);
  v_events := v_step.told || public.store_message_events(v_work, v_messages, v_policy);
  v_known := public.record_undecrypted(v_work, p -> 'items');
  perform public.recover_undecrypted(v_work, p -> 'items');

  update public.inbox i
    set state = case when c.outcome = 'dead' then 2 else 1 end,
      outcome = c.outcome,
      reason = case when c.outcome = 'duplicate' then 'duplicate' else c.reason end,
      error = case when c.outcome = 'dead' then c.reason end,
      processed_at = now(), claimed_by = null, claimed_until = null
    from (
      select w.inbox_id, w.reason,
        case
          when w.action = 'client' then case when w.inbox_id = any (v_messages) then 'stored' else 'duplicate' end
          when w.action = 'owner_note' then case
            when w.reason = 'own_send' then 'skipped'
            when w.inbox_id = any (v_notes) then 'note'
            else 'duplicate' end
          when w.action = 'undecrypted' then case
            when w.inbox_id = any (v_known) then 'duplicate' else 'undecrypted' end
          when w.action = 'dead' then 'dead'
          else 'skipped' end as outcome
      from unnest(v_work) w
    ) c
    where i.id = c.inbox_id and i.state <= 0;

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

revoke execute on function
  public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.resolve_people(public.ingest_work[], text), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_bookings(public.ingest_work[], bigint[], text),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.items_with_origin(public.ingest_work[], jsonb), public.record_undecrypted(public.ingest_work[], jsonb),
  public.recover_undecrypted(public.ingest_work[], jsonb), public.ingest_inbox(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.resolve_people(public.ingest_work[], text), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_bookings(public.ingest_work[], bigint[], text),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.items_with_origin(public.ingest_work[], jsonb), public.record_undecrypted(public.ingest_work[], jsonb),
  public.recover_undecrypted(public.ingest_work[], jsonb), public.ingest_inbox(jsonb)
  to service_role;
