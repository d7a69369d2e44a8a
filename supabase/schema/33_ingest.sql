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
      other_phone text,
      -- Null where the item says nothing about the message in its row.
      chat_kind text,
      from_me boolean,
      received_at timestamptz,
      -- What the message is beside its text, or what was done to one; null for a plain text.
      detail jsonb,
      -- The contact that has the address, which a person may have merged into `contact_id`: its conversation is found by it.
      person_id uuid
    );
  end if;
  -- A row of the inbox, stored or about to be, with what a worker decided about it; `item` is null where it decided nothing.
  if to_regtype('public.ingest_row') is null then
    create type public.ingest_row as (
      position bigint,
      id bigint,
      organization_id text,
      instance_id uuid,
      message_id text,
      chat text,
      received_at timestamptz,
      item jsonb
    );
  end if;
  -- What became of a row, as its columns say.
  if to_regtype('public.ingest_outcome') is null then
    create type public.ingest_outcome as (
      inbox_id bigint,
      instance_id uuid,
      state smallint,
      outcome text,
      reason text,
      error text
    );
  end if;
end
$$;

-- Who wrote what the account's own phone sent once more, as its placeholder said it: the copy may name one address alone. The phone is
-- believed, so the id is enough, as long as it names one person.
create or replace function public.named_by_placeholder(p_row public.ingest_row, out phone text, out lid text)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_named record;
begin
  if p_row.item ->> 'phone' is not null and p_row.item ->> 'lid' is not null then
    return;
  end if;
  select min(u.phone) as phone, min(u.lid) as lid, count(*) as people into v_named
    from (
      select distinct u.phone, u.lid
      from public.undecrypted_messages u
      where u.instance_id = p_row.instance_id and u.message_id = coalesce(p_row.item ->> 'message_id', p_row.message_id)
        and u.chat_kind = p_row.item ->> 'chat_kind' and u.chat_kind = 'direct'
        and u.from_me = coalesce((p_row.item ->> 'from_me')::boolean, false)
        and (u.phone is null or p_row.item ->> 'phone' is null or u.phone = p_row.item ->> 'phone')
        and (u.lid is null or p_row.item ->> 'lid' is null or u.lid = p_row.item ->> 'lid')
    ) u;
  if v_named.people = 1 then
    phone := v_named.phone;
    lid := v_named.lid;
  end if;
end
$$;

-- What is to be done with rows that somebody decided about, in their order.
create or replace function public.make_work(p_rows public.ingest_row[]) returns public.ingest_work[]
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_work public.ingest_work[];
begin
  select array_agg(row(
      r.position, r.id,
      case when w.is_lost then 'dead' else w.action end,
      case when w.is_lost then 'no_address' else r.item ->> 'reason' end,
      r.organization_id, r.instance_id, w.phone, w.lid,
      nullif(nullif(btrim(left(r.item ->> 'push_name', 200)), ''), 'Unknown'),
      coalesce(r.item ->> 'message_id', r.message_id), coalesce(r.item ->> 'chat', r.chat), coalesce(r.item ->> 'content', ''),
      coalesce(r.item ->> 'content_type', 'conversation'),
      coalesce((r.item ->> 'sent_at')::timestamptz, r.received_at), null, null, r.item ->> 'other_phone',
      r.item ->> 'chat_kind', coalesce((r.item ->> 'from_me')::boolean, false), r.received_at, r.item -> 'detail', null
    )::public.ingest_work)
    into v_work
    from unnest(p_rows) r
    cross join lateral (
      select a.*, a.action in ('client', 'placeholder') and a.phone is null and a.lid is null as is_lost
      from (
        select r.item ->> 'action' as action, coalesce(nullif(r.item ->> 'phone', ''), j.phone) as phone,
          coalesce(nullif(r.item ->> 'lid', ''), j.lid) as lid
        from (select) one
        left join lateral public.named_by_placeholder(r) j on r.item ? 'is_resent'
      ) a
    ) w;
  return coalesce(v_work, '{}');
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
  v_rows public.ingest_row[];
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
    select distinct on (i.inbox_id) i.*
    from (
      select (e.item ->> 'inbox_id')::bigint as inbox_id, e.item, e.position
      from jsonb_array_elements(p_items) with ordinality as e (item, position)
    ) i
    order by i.inbox_id, i.position
  )
  select array_agg(row(w.position, l.id, l.organization_id, l.instance_id, l.message_id, l.chat, l.received_at,
      w.item)::public.ingest_row order by w.position)
    into v_rows
    from items w
    join locked l on l.id = w.inbox_id
    left join waiting o on o.instance_id = l.instance_id
    where o.id is null or l.id < o.id;
  v_work := public.make_work(v_rows);
  -- Where nobody was ever erased, nothing more than this is asked.
  if cardinality(v_work) > 0 and exists (select from public.erased_messages) then
    v_work := public.skip_erased(v_work);
  end if;
  return v_work;
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
    where w.action in ('client', 'owner_note', 'change', 'undecrypted', 'placeholder', 'group')
      and exists (
        select from public.erased_messages e
        where e.instance_id = w.instance_id and e.mark in (
          public.message_mark(w.instance_id, w.phone, w.message_id),
          public.message_mark(w.instance_id, w.lid, w.message_id),
          public.message_mark(w.instance_id, w.phone, w.detail -> 'target' ->> 'message_id'),
          public.message_mark(w.instance_id, w.lid, w.detail -> 'target' ->> 'message_id')
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
        null, null, false, w.received_at, null, null)::public.ingest_work
      else w end order by w.position)
    into v_work
    from unnest(p_work) w;
  return v_work;
end
$$;

-- Fills in what the store knows about each item. `actions`: those of the items. `news`: the positions of those that say something new
-- of a person: of a client; and, where both addresses are known, of anybody who is a contact. `phones`: the numbers in these.
-- `changes`: somebody who is a contact gets another address by it, or loses one, or turns out to be somebody else.
-- `is_awaited`: changes of one of the messages came before it.
create or replace function public.look_up_people(p_work public.ingest_work[], p_booking_policy text,
    out work public.ingest_work[], out actions text[], out news bigint[], out phones text[], out changes boolean,
    out is_awaited boolean)
  language plpgsql
  set search_path = ''
as $$
declare
  -- For parsers that take lists of types of ours for records, of which INTO has one alone.
  v_found record;
begin
  select array_agg(row(w.position, w.inbox_id, w.action,
      -- The echo of a message that was sent through the API is no note.
      case when w.action = 'owner_note' and exists (
          select from public.messages m
          where m.instance_id = w.instance_id and m.direction = 'outbound' and m.whatsapp_message_id = w.message_id
        ) then 'own_send' else w.reason end,
      w.organization_id, w.instance_id, w.phone, w.lid,
      w.push_name, w.message_id, w.chat, w.content, w.content_type, w.sent_at,
      (select coalesce(k.merged_into, k.id) from public.contacts k where k.id = w.known_id),
      case when p_booking_policy = 'every-message' and w.action = 'client' then gen_random_uuid() end,
      w.other_phone, w.chat_kind, w.from_me, w.received_at, w.detail, w.known_id
    )::public.ingest_work order by w.position) as work,
      array_agg(w.action) as actions, array_agg(w.position) filter (where w.is_new) as news,
      array_agg(w.phone) filter (where w.is_new) || array_agg(w.other_phone) filter (where w.is_new) as phones,
      bool_or(w.is_new and w.is_contact) as changes, bool_or(w.is_awaited) as is_awaited
    into v_found
    from (
      select w.*, coalesce(a.id, o.id, b.id) is not null as is_contact,
        exists (
          select from public.pending_changes c where c.instance_id = w.instance_id and c.message_id = w.message_id
        ) as is_awaited,
        -- What somebody writes in a group is no part of the conversation with him.
        case when w.action <> 'group' then
          coalesce(m.merged_into, w.person_id, b.id, case when w.lid is null then coalesce(a.id, o.id) end) end as known_id,
        w.action <> 'group' and (w.action in ('client', 'placeholder')
            or w.phone is not null and w.lid is not null and coalesce(a.id, o.id, b.id) is not null)
          and (w.phone is not null and a.id is null
            or w.lid is not null and b.id is null
            or a.id <> b.id
            or o.id <> a.id and (o.lid is null or coalesce(w.lid, a.lid) is null)) as is_new
      from unnest(p_work) w
      left join public.merged_contacts m on m.contact_id = w.person_id
      left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
      left join public.contacts o on o.organization_id = w.organization_id and o.phone_number = w.other_phone
      left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid
    ) w;
  work := v_found.work;
  actions := v_found.actions;
  news := v_found.news;
  phones := v_found.phones;
  changes := v_found.changes;
  is_awaited := v_found.is_awaited;
end
$$;

-- Where there is news of people: makes sure that every client has a contact, and fills in what the store says about each item.
-- `told`: events of contacts that turned out to be one person.
create or replace function public.resolve_people(p_work public.ingest_work[], p_booking_policy text,
    out work public.ingest_work[], out told jsonb)
  language plpgsql
  set search_path = ''
as $$
declare
  v_work public.ingest_work[] := p_work;
  v_known record;
  v_new uuid[];
  v_heads jsonb;
  v_contact_id uuid;
begin
  told := '[]'::jsonb;
  -- New people whose addresses occur in one combination only: one statement for all of them.
  with people as (
    select w.organization_id, w.phone, w.lid, min(w.other_phone) as other_phone, min(w.position) as position,
      max(least(w.sent_at, now())) as last_message_at,
      (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
    from unnest(p_work) w
    where w.action in ('client', 'placeholder')
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

  v_known := public.look_up_people(p_work, p_booking_policy);
  if v_known.news is not null then
    select jsonb_object_agg(o.id, o.event_seq) into v_heads
      from public.organizations o
      where o.id in (select w.organization_id from unnest(p_work) w);
    -- In their order, and with them whoever shows nothing but a number that changes hands meanwhile.
    for i in 1 .. cardinality(v_work) loop
      if v_work[i].position = any (v_known.news)
          or v_work[i].action in ('client', 'placeholder') and v_work[i].lid is null
            and v_work[i].phone = any (v_known.phones) then
        v_contact_id := public.resolve_person(v_work[i].organization_id, v_work[i].instance_id, v_work[i].phone,
          v_work[i].other_phone, v_work[i].lid, p_booking_policy, v_work[i].action in ('client', 'placeholder'));
        if v_work[i].action in ('client', 'placeholder') then
          v_work[i].person_id := v_contact_id;
        end if;
      end if;
    end loop;
    select coalesce(jsonb_agg(jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence,
        'name', e.name, 'payload', e.payload) order by e.organization_id, e.sequence), '[]')
      into told
      from jsonb_each_text(v_heads) as h (organization_id, sequence)
      join public.events e on e.organization_id = h.organization_id and e.sequence > h.sequence::bigint;
    v_known := public.look_up_people(v_work, p_booking_policy);
  end if;
  work := v_known.work;
end
$$;

-- Puts readable messages in the place of their placeholders, where these are; returns the inbox rows of those messages.
create or replace function public.replace_placeholders(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_replaced bigint[];
begin
  with replaced as (
    update public.messages m
      set content = w.content, content_type = w.content_type, chat_jid = w.chat, inbox_id = w.inbox_id, sent_at = w.sent_at,
        -- When it was told of what it says.
        created_at = now(), type = coalesce(w.detail ->> 'type', 'text'), metadata = w.detail -> 'metadata',
        reply_to = w.detail -> 'reply_to', mentions = w.detail -> 'mentions', is_forwarded = w.detail ? 'is_forwarded' is true,
        is_view_once = w.detail ? 'is_view_once' is true, secret = decode(w.detail ->> 'secret', 'base64')
      from (
        select c.*, row_number() over (partition by c.instance_id, c.person_id, c.message_id order by c.position) as delivery
        from unnest(p_work) c
        where c.action = 'client'
      ) w
      where w.delivery = 1 and m.instance_id = w.instance_id and m.direction = 'inbound' and m.chat_key = w.person_id::text
        and m.whatsapp_message_id = w.message_id and m.content_type = 'ciphertext' and m.deleted_at is null
      returning m.inbox_id
  )
  select coalesce(array_agg(r.inbox_id), '{}') into v_replaced from replaced r;
  return v_replaced;
end
$$;

-- Shows in their conversations that messages came which can't be read, until readable copies take their places; none of them makes a
-- booking, for nobody knows yet what they are. Returns the inbox rows of those that were not there before, and what tells of them.
create or replace function public.store_placeholders(p_work public.ingest_work[], p_known bigint[], out stored bigint[],
    out events jsonb)
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
begin
  events := '[]'::jsonb;
  with shown as (
    insert into public.messages (organization_id, contact_id, instance_id, direction, content, content_type,
        whatsapp_message_id, chat_jid, chat_key, status, inbox_id, sent_at, type, metadata, is_view_once)
      select w.organization_id, w.contact_id, w.instance_id, 'inbound', w.content, 'ciphertext', w.message_id, w.chat,
        w.person_id::text, 'received', w.inbox_id, w.sent_at, coalesce(w.detail ->> 'type', 'unsupported'),
        w.detail -> 'metadata', w.detail ? 'is_view_once' is true
      from unnest(p_work) w
      where w.action = 'placeholder' and w.inbox_id <> all (p_known)
      order by w.position
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into stored from shown s;
  for v_one in
    select m.id, w.organization_id, w.instance_id, w.message_id, w.contact_id, w.sent_at, w.push_name, m.metadata,
      coalesce(w.phone, k.phone_number, w.lid || '@lid') as sender
    from unnest(p_work) w
    join public.messages m on m.instance_id = w.instance_id and m.direction = 'inbound' and m.chat_key = w.person_id::text
      and m.whatsapp_message_id = w.message_id
    join public.contacts k on k.id = w.person_id
    where w.inbox_id = any (stored)
    order by w.position
  loop
    update public.contacts k
      set updated_at = now(), last_message_at = greatest(k.last_message_at, least(v_one.sent_at, now())),
        name = case when v_one.push_name is not null and k.name_source <> 'person' then v_one.push_name else k.name end,
        name_source = case when v_one.push_name is not null and k.name_source <> 'person' then 'push' else k.name_source end
      where k.id = v_one.contact_id;
    events := events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message-updated', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'id', v_one.id, 'messageId', v_one.message_id, 'contactId', v_one.contact_id,
        'timestamp', to_char(v_one.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'change', 'placeholder', 'metadata', v_one.metadata, 'fromMe', false, 'from', v_one.sender))));
  end loop;
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
        whatsapp_message_id, chat_jid, chat_key, status, inbox_id, sent_at, type, metadata, reply_to, mentions,
        is_forwarded, is_view_once, secret)
      select w.organization_id, w.contact_id, w.instance_id, 'inbound', w.content, w.content_type,
        w.message_id, w.chat, w.person_id::text, 'received', w.inbox_id, w.sent_at,
        coalesce(w.detail ->> 'type', 'text'), w.detail -> 'metadata', w.detail -> 'reply_to', w.detail -> 'mentions',
        w.detail ? 'is_forwarded' is true, w.detail ? 'is_view_once' is true, decode(w.detail ->> 'secret', 'base64')
      from (
        select c.*, row_number() over (partition by c.instance_id, c.person_id, c.message_id order by c.position) as delivery
        from unnest(p_work) c
        where c.action = 'client'
      ) w
      -- No statement touches a row twice.
      where w.delivery = 1
      order by w.position
      -- One that the history brought first is received now: it is told of, and has its place among those that were.
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update
        set ordinal = default, content = excluded.content, content_type = excluded.content_type, chat_jid = excluded.chat_jid,
          inbox_id = excluded.inbox_id, sent_at = excluded.sent_at, created_at = now(), type = excluded.type,
          metadata = excluded.metadata, reply_to = excluded.reply_to, mentions = excluded.mentions,
          is_forwarded = excluded.is_forwarded, is_view_once = excluded.is_view_once, secret = excluded.secret
        where messages.ordinal < 0
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;
  if cardinality(v_stored) < (select count(*) from unnest(p_work) w where w.action = 'client') then
    v_stored := v_stored || public.replace_placeholders(p_work);
  end if;
  -- A text may bring a file, too: the picture above a menu.
  if exists (select 1 from unnest(p_work) w where w.detail ? 'media') then
    perform public.store_media(p_work, v_stored);
  end if;

  update public.contacts k
    set updated_at = now(),
      last_message_at = greatest(k.last_message_at, u.last_message_at),
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
        chat_key, inbox_id, sent_at, type, metadata, reply_to, mentions, is_forwarded, is_view_once, secret)
      select w.organization_id, w.contact_id, w.instance_id, w.content, w.content_type, w.message_id,
        coalesce(w.person_id::text, w.chat), w.inbox_id, w.sent_at,
        coalesce(w.detail ->> 'type', 'text'), w.detail -> 'metadata', w.detail -> 'reply_to', w.detail -> 'mentions',
        w.detail ? 'is_forwarded' is true, w.detail ? 'is_view_once' is true, decode(w.detail ->> 'secret', 'base64')
      from unnest(p_work) w
      where w.action = 'owner_note' and w.reason <> 'own_send'
      order by w.position
      on conflict (instance_id, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;
  if exists (select 1 from unnest(p_work) w where w.detail ? 'media') then
    perform public.store_media(p_work, v_stored);
  end if;
  return v_stored;
end
$$;

-- Appends a `whatsapp:note` event for each newly stored note, in order; returns them.
create or replace function public.store_note_events(p_work public.ingest_work[], p_stored bigint[]) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
  v_events jsonb := '[]'::jsonb;
begin
  for v_one in
    select w.organization_id, w.instance_id, w.sent_at, n.id, n.contact_id
    from unnest(p_work) w
    join public.notes n on n.instance_id = w.instance_id and n.chat_key = coalesce(w.person_id::text, w.chat)
      and n.whatsapp_message_id = w.message_id
    where w.inbox_id = any (p_stored)
    order by w.position
  loop
    v_events := v_events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:note', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'noteId', v_one.id, 'contactId', v_one.contact_id, 'change', 'created',
        'timestamp', to_char(v_one.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))));
  end loop;
  return v_events;
end
$$;

-- Whether a contact had written nothing before the messages of these rows of the inbox.
create or replace function public.is_first_contact(p_contact_id uuid, p_stored bigint[]) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return not exists (
    select from public.messages m
    where m.contact_id = p_contact_id and m.direction = 'inbound' and m.content_type <> 'ciphertext'
      and (m.inbox_id is null or m.inbox_id <> all (p_stored))
  );
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
    insert into public.bookings (id, organization_id, contact_id, instance_id, person_id, reason)
      select w.booking_id, w.organization_id, w.contact_id, w.instance_id, nullif(w.person_id, w.contact_id),
        case when w.place = 1 and w.is_first then 'first_message' else 'policy' end
      from (
        select c.*, row_number() over (partition by c.contact_id order by c.position) as place,
          public.is_first_contact(c.contact_id, p_stored) as is_first
        from unnest(p_work) c
        where c.inbox_id = any (p_stored)
      ) w
      order by w.position;
  elsif p_booking_policy = 'one-open' then
    insert into public.bookings (organization_id, contact_id, instance_id, person_id, reason)
      select distinct on (w.contact_id) w.organization_id, w.contact_id, w.instance_id, nullif(w.person_id, w.contact_id),
        case when public.is_first_contact(w.contact_id, p_stored) then 'first_message' else 'policy' end
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

-- What a `whatsapp:message` event tells.
create or replace function public.message_payload(p_instance_id uuid, p_message_id text, p_from text, p_text text,
    p_sent_at timestamptz, p_contact_id uuid, p_booking_id uuid, p_detail jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_payload constant jsonb := jsonb_strip_nulls(jsonb_build_object('instanceId', p_instance_id, 'messageId', p_message_id,
    'from', p_from, 'text', p_text, 'type', coalesce(p_detail ->> 'type', 'text'),
    'timestamp', to_char(p_sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'contactId', p_contact_id, 'bookingId', p_booking_id));
begin
  if p_detail is null then
    return v_payload;
  end if;
  return v_payload || jsonb_strip_nulls(jsonb_build_object(
    'metadata', p_detail -> 'metadata',
    'replyTo', case when p_detail ? 'reply_to' then jsonb_build_object(
      'messageId', p_detail -> 'reply_to' -> 'whatsapp_message_id', 'fromMe', p_detail -> 'reply_to' -> 'from_me',
      'content', p_detail -> 'reply_to' -> 'content') end,
    'media', case when p_detail ? 'media' then jsonb_build_object('state', 'pending',
      'mimeType', p_detail -> 'media' -> 'mime_type', 'fileName', p_detail -> 'media' -> 'file_name',
      'size', p_detail -> 'media' -> 'size') end));
end
$$;

-- Appends a `whatsapp:message` event for each newly stored message, in order; returns them.
create or replace function public.store_message_events(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_one public.ingest_work;
  v_from text;
  v_events jsonb;
begin
  if cardinality(p_stored) = 1 then
    -- A message alone is what comes most often.
    foreach v_one in array p_work loop
      exit when v_one.inbox_id = p_stored[1];
    end loop;
    v_from := v_one.phone;
    if v_from is null then
      select coalesce(k.phone_number, v_one.lid || '@lid') into v_from from public.contacts k where k.id = v_one.person_id;
    end if;
    if p_booking_policy = 'one-open' then
      select b.id into v_one.booking_id
        from public.bookings b
        where b.contact_id = v_one.contact_id and b.status = 'pending'
        order by b.created_at, b.id
        limit 1;
    end if;
    return jsonb_build_array(public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message', 'payload', public.message_payload(v_one.instance_id, v_one.message_id, v_from,
        v_one.content, v_one.sent_at, v_one.contact_id, v_one.booking_id, v_one.detail))));
  end if;
  with fresh as materialized (
    select w.position, w.organization_id, w.instance_id, w.message_id, w.phone, w.lid, w.content, w.sent_at, w.contact_id,
      w.person_id, w.booking_id, w.detail, row_number() over (partition by w.organization_id order by w.position) as place
    from unnest(p_work) w
    where w.inbox_id = any (p_stored)
  ), numbered as (
    update public.organizations o set event_seq = o.event_seq + c.events
      from (select f.organization_id, count(*) as events from fresh f group by f.organization_id) c
      where o.id = c.organization_id
      returning o.id, o.event_seq - c.events as base
  ), made as materialized (
    select f.position, f.organization_id, f.instance_id, n.base + f.place as sequence,
      public.message_payload(f.instance_id, f.message_id,
        coalesce(f.phone, (select k.phone_number from public.contacts k where k.id = f.person_id), f.lid || '@lid'),
        f.content, f.sent_at, f.contact_id,
        case when p_booking_policy = 'one-open' then (
            select b.id from public.bookings b
            where b.contact_id = f.contact_id and b.status = 'pending'
            order by b.created_at, b.id
            limit 1
          ) else f.booking_id end,
        f.detail
      ) as payload
    from fresh f
    join numbered n on n.id = f.organization_id
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

-- Writes placeholders into the ledger; returns the inbox rows of those that were in it already, or whose message had
-- arrived readable before. To be called when the messages of the call are stored.
create or replace function public.record_undecrypted(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_item record;
  v_copy bigint;
  v_known bigint[] := '{}'::bigint[];
begin
  for v_item in
    select w.* from unnest(p_work) w
    where w.action in ('undecrypted', 'placeholder') and w.reason <> 'view_once' and w.chat_kind is not null
    order by w.position
  loop
    -- 0 for what came from elsewhere than the inbox.
    select c.inbox_id into v_copy
      from (
        select coalesce(m.inbox_id, 0) as inbox_id
        from public.messages m
        where m.instance_id = v_item.instance_id and m.whatsapp_message_id = v_item.message_id
          and m.chat_key = case v_item.chat_kind
            when 'group' then public.group_chat_key(v_item.chat, v_item.from_me, v_item.lid, v_item.phone)
            else v_item.person_id::text end
          and m.direction = case when v_item.from_me then 'outbound' else 'inbound' end
          and m.content_type <> 'ciphertext'
        union all
        select coalesce(n.inbox_id, 0)
        from public.notes n
        where v_item.from_me and n.instance_id = v_item.instance_id and n.whatsapp_message_id = v_item.message_id
          and n.chat_key = coalesce(v_item.person_id::text, v_item.chat)
      ) c
      limit 1;
    if v_copy < v_item.inbox_id or exists (
      select from public.find_undecrypted(v_item.instance_id, v_item.message_id, v_item.chat, v_item.chat_kind,
        v_item.from_me, v_item.phone, v_item.lid, v_item.person_id)
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
create or replace function public.recover_undecrypted(p_work public.ingest_work[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  -- Nearly always there is nothing: one probe of a small index for each message.
  if not exists (
    select from unnest(p_work) w
    join public.undecrypted_messages u on u.instance_id = w.instance_id and u.message_id = w.message_id
    where w.action not in ('undecrypted', 'placeholder') and u.state <> 'recovered'
  ) then
    return;
  end if;
  update public.undecrypted_messages u
    set state = 'recovered', recovered_inbox_id = c.inbox_id, settled_at = now()
    from (
      select f.id, min(w.inbox_id) as inbox_id
      from unnest(p_work) w
      cross join lateral public.find_undecrypted(w.instance_id, w.message_id, w.chat, w.chat_kind, w.from_me,
        w.phone, w.lid, w.person_id) f
      where w.action not in ('undecrypted', 'placeholder', 'dead') and w.chat_kind is not null
      group by f.id
    ) c
    where u.id = c.id and u.state <> 'recovered';
end
$$;

-- Shows anew what was stored as `unsupported` and is understood now that its row is worked on once more. `again`: the rows of the inbox
-- that were worked on before, whatever came of it.
create or replace function public.read_again(p_work public.ingest_work[], p_stored bigint[], out again bigint[], out events jsonb)
  language plpgsql
  set search_path = ''
as $$
-- `events` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_shown bigint[] := '{}'::bigint[];
  v_one record;
begin
  again := '{}';
  events := '[]'::jsonb;
  for v_one in
    select w.inbox_id, w.action, w.organization_id, w.instance_id, w.message_id, w.contact_id, w.content, w.content_type,
      w.sent_at, w.phone, w.lid, w.from_me, w.detail, coalesce(w.detail ->> 'type', 'text') as type, m.group_id,
      coalesce(m.id, n.id) as id, coalesce(m.type, n.type) = 'unsupported' and coalesce(m.deleted_at, n.deleted_at) is null
        and coalesce(w.detail ->> 'type', 'text') <> 'unsupported' as is_news
    from unnest(p_work) w
    left join public.messages m on w.action in ('client', 'group') and m.instance_id = w.instance_id
      and m.direction = case when w.action = 'group' and w.from_me then 'outbound' else 'inbound' end
      and m.chat_key = case w.action when 'group' then public.group_chat_key(w.chat, w.from_me, w.lid, w.phone)
        else w.person_id::text end
      and m.whatsapp_message_id = w.message_id and m.inbox_id = w.inbox_id
    left join public.notes n on w.action = 'owner_note' and n.instance_id = w.instance_id
      and n.chat_key = coalesce(w.person_id::text, w.chat) and n.whatsapp_message_id = w.message_id and n.inbox_id = w.inbox_id
    where w.inbox_id <> all (p_stored) and (m.id is not null or n.id is not null)
    order by w.position
  loop
    again := again || v_one.inbox_id;
    continue when not v_one.is_news;
    execute format('update public.%I set content = case when edited_at is null then $2 else content end, content_type = $3,
        type = $4, metadata = $5 -> ''metadata'', reply_to = $5 -> ''reply_to'', mentions = $5 -> ''mentions'',
        is_forwarded = $5 ? ''is_forwarded'' is true, is_view_once = $5 ? ''is_view_once'' is true,
        secret = decode($5 ->> ''secret'', ''base64'') where id = $1',
        case v_one.action when 'owner_note' then 'notes' else 'messages' end)
      using v_one.id, v_one.content, v_one.content_type, v_one.type, v_one.detail;
    v_shown := v_shown || v_one.inbox_id;
    events := events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message-updated', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'id', v_one.id, 'messageId', v_one.message_id, 'contactId', v_one.contact_id, 'groupId', v_one.group_id,
        'timestamp', to_char(v_one.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'change', 'read_again', 'metadata', '{}'::jsonb, 'fromMe', v_one.from_me,
        'from', case when not v_one.from_me then coalesce(v_one.phone, v_one.lid || '@lid') end))));
  end loop;
  if v_shown <> '{}' then
    perform public.store_media(p_work, v_shown);
  end if;
end
$$;

-- Does what is to be done for organizations with the same booking policy: messages, notes, bookings, events and the loss ledger.
-- `outcomes`: what became of each row. Where it is early, somebody waits for it who must not wait long: nothing is done that may have
-- much to move. `p_is_answering`: some of them have messages answered.
create or replace function public.do_work_under(p_booking_policy text, p_is_answering boolean, p_work public.ingest_work[],
    p_is_early boolean, out events jsonb, out outcomes public.ingest_outcome[])
  language plpgsql
  set search_path = ''
as $$
declare
  v_people record;
  v_resolved record;
  v_work public.ingest_work[];
  v_messages bigint[] := '{}'::bigint[];
  v_notes bigint[] := '{}'::bigint[];
  v_known bigint[] := '{}'::bigint[];
  v_shown record;
  v_placed bigint[] := '{}'::bigint[];
  v_groups record;
  v_grouped bigint[] := '{}'::bigint[];
  v_ignored bigint[] := '{}'::bigint[];
  v_read record;
  v_again bigint[] := '{}'::bigint[];
  v_changed record;
  v_reasons jsonb;
begin
  v_people := public.look_up_people(p_work, p_booking_policy);
  v_work := v_people.work;
  events := '[]'::jsonb;
  if v_people.news is not null then
    if p_is_early and v_people.changes then
      raise exception 'conversations may move' using errcode = 'AZ414';
    end if;
    v_resolved := public.resolve_people(p_work, p_booking_policy);
    v_work := v_resolved.work;
    events := v_resolved.told;
  end if;
  if 'client' = any (v_people.actions) then
    v_messages := public.store_inbound(v_work);
  end if;
  if 'owner_note' = any (v_people.actions) then
    v_notes := public.store_notes(v_work);
  end if;
  if v_messages <> '{}' then
    perform public.store_bookings(v_work, v_messages, p_booking_policy);
    events := events || public.store_message_events(v_work, v_messages, p_booking_policy);
    if p_is_answering then
      events := events || public.reply_to_received(v_work, v_messages);
    end if;
  end if;
  if v_notes <> '{}' then
    events := events || public.store_note_events(v_work, v_notes);
  end if;
  if 'group' = any (v_people.actions) then
    v_groups := public.store_in_groups(v_work);
    v_grouped := v_groups.stored;
    v_ignored := v_groups.ignored;
    events := events || v_groups.events;
  end if;
  if cardinality(v_messages || v_notes || v_grouped) < cardinality(array_positions(v_people.actions, 'client'))
      + cardinality(array_positions(v_people.actions, 'owner_note')) + cardinality(array_positions(v_people.actions, 'group')) then
    v_read := public.read_again(v_work, v_messages || v_notes || v_grouped);
    v_again := v_read.again;
    events := events || v_read.events;
  end if;
  if 'history' = any (v_people.actions) then
    perform public.note_history(v_work);
  end if;
  if v_people.actions && array['undecrypted', 'placeholder'] then
    v_known := public.record_undecrypted(v_work);
    if 'placeholder' = any (v_people.actions) then
      v_shown := public.store_placeholders(v_work, v_known);
      v_placed := v_shown.stored;
      events := events || v_shown.events;
    end if;
  end if;
  perform public.recover_undecrypted(v_work);
  if v_people.is_awaited or 'change' = any (v_people.actions) then
    v_changed := public.apply_changes(v_work, v_messages || v_notes || v_grouped, v_people.is_awaited);
    events := events || v_changed.events;
    v_reasons := v_changed.reasons;
  end if;
  select array_agg(row(c.inbox_id, c.instance_id, case when c.outcome = 'dead' then 2 else 1 end, c.outcome,
      case when c.outcome = 'duplicate' then 'duplicate' when c.inbox_id = any (v_again) then 'read_again' else c.reason end,
      case when c.outcome = 'dead' then c.reason end)::public.ingest_outcome)
    into outcomes
    from (
      select w.inbox_id, w.instance_id, coalesce(v_reasons ->> w.inbox_id::text, w.reason) as reason,
        case
          when w.action = 'client' then case
            when w.inbox_id = any (v_messages || v_again) then 'stored' else 'duplicate' end
          when w.action = 'owner_note' then case
            when w.reason = 'own_send' then 'skipped'
            when w.inbox_id = any (v_notes || v_again) then 'note'
            else 'duplicate' end
          when w.action = 'group' then case
            when w.inbox_id = any (v_grouped || v_again) then 'group'
            when w.inbox_id = any (v_ignored) then 'skipped'
            else 'duplicate' end
          when w.action = 'placeholder' and w.reason = 'view_once' then case
            when w.inbox_id = any (v_placed) then 'stored' else 'duplicate' end
          when w.action in ('undecrypted', 'placeholder') then case
            when w.inbox_id = any (v_known) then 'duplicate' else 'undecrypted' end
          when w.action = 'dead' then 'dead'
          else 'skipped' end as outcome
      from unnest(v_work) w
    ) c;
end
$$;

-- Does what is to be done, as each organization has it; `p_booking_policy`: where one said nothing.
create or replace function public.do_work(p_work public.ingest_work[], p_booking_policy text, p_is_early boolean,
    out events jsonb, out outcomes public.ingest_outcome[])
  language plpgsql
  set search_path = ''
as $$
declare
  v_found record;
  v_one record;
  v_done record;
begin
  -- Once for each organization of the work, which nearly always is one.
  select array_agg(distinct coalesce(s.booking_policy, p_booking_policy)) as policies,
      coalesce(bool_or(s.automatic_replies <> '{}'), false) as is_answering
    into v_found
    from (select distinct w.organization_id from unnest(p_work) w) o
    left join public.organization_settings s on s.organization_id = o.organization_id;
  if cardinality(v_found.policies) = 1 then
    v_done := public.do_work_under(v_found.policies[1], v_found.is_answering, p_work, p_is_early);
    events := v_done.events;
    outcomes := v_done.outcomes;
    return;
  end if;
  events := '[]'::jsonb;
  outcomes := '{}';
  for v_one in
    select coalesce(s.booking_policy, p_booking_policy) as policy, array_agg(w order by w.position) as work
    from unnest(p_work) w
    left join public.organization_settings s on s.organization_id = w.organization_id
    group by 1
    order by 1
  loop
    v_done := public.do_work_under(v_one.policy, v_found.is_answering, v_one.work, p_is_early);
    events := events || v_done.events;
    outcomes := outcomes || v_done.outcomes;
  end loop;
end
$$;

-- Counts what was stored of each instance.
create or replace function public.count_received(p_outcomes public.ingest_outcome[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update public.whatsapp_instances i
    set messages_received_count = i.messages_received_count + c.messages, updated_at = now()
    from (
      select o.instance_id, count(*) as messages
      from unnest(p_outcomes) o where o.outcome = 'stored' and o.reason <> 'read_again' group by o.instance_id
    ) c
    where i.id = c.instance_id;
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
  v_work public.ingest_work[];
  v_done record;
begin
  v_work := public.begin_ingest(p -> 'items', p ->> 'worker');
  if cardinality(v_work) = 0 then
    return '{"events": [], "processed": 0}'::jsonb;
  end if;
  v_done := public.do_work(v_work, p ->> 'booking_policy', false);

  update public.inbox i
    set state = o.state, outcome = o.outcome, reason = o.reason, error = o.error,
      processed_at = now(), claimed_by = null, claimed_until = null
    from unnest(v_done.outcomes) o
    where i.id = o.inbox_id and i.state <= 0;

  -- Last and in order: commits of sessions wait for these locks.
  perform 1 from public.whatsapp_instances i
    where i.id in (select o.instance_id from unnest(v_done.outcomes) o where o.outcome = 'stored')
    order by i.id
    for no key update;
  perform public.count_received(v_done.outcomes);
  return jsonb_build_object('events', v_done.events, 'processed', cardinality(v_work));
end
$$;

-- Whose messages are an organization's own, in short: what was made of other addresses is not made of these.
create or replace function public.owner_versions(p_organization_ids text[]) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select jsonb_object_agg(o.id, (
        select encode(sha256(convert_to(coalesce(string_agg(a.addresses, ','), ''), 'UTF8')), 'hex')
        from (
          -- The order of the index that finds them.
          select jsonb_build_array(i.phone_number, i.account_phone, i.account_lid)::text as addresses
          from public.whatsapp_instances i
          where i.organization_id = o.id and i.deleted_at is null
          order by i.created_at desc, i.id desc
        ) a
      ))
    from (select distinct unnest(p_organization_ids) as id) o
  );
end
$$;

-- Ingests rows that their own transaction is about to insert, those of each instance in their order: all of them or, where nothing was
-- decided about one, those before it. Left alone are those of organizations that are not named, and of an instance that has others
-- waiting. It waits for nobody for long: the session's commit waits for it, and holds locks that others want before they
-- have what this wants. So two never wait for each other until one of them is ended. What it had better leave to a worker, it
-- refuses with AZ414.
create or replace function public.ingest_received(p_rows public.ingest_row[], p_organization_ids text[], p_booking_policy text,
    out events jsonb, out outcomes public.ingest_outcome[])
  language plpgsql
  set search_path = ''
  set lock_timeout = '25ms'
as $$
declare
  v_is_all boolean;
  v_rows public.ingest_row[];
  v_work public.ingest_work[];
  v_done record;
begin
  events := '[]'::jsonb;
  perform 1 from public.organizations o where o.id = any (p_organization_ids) order by o.id for no key update;
  -- One probe of the index for each, whatever the statistics say.
  select bool_and(r.item is not null and r.organization_id = any (p_organization_ids) and (
      select i.id from public.inbox i where i.state = 0 and i.instance_id = r.instance_id order by i.id limit 1
    ) is null) into v_is_all
    from unnest(p_rows) r;
  if v_is_all then
    v_rows := p_rows;
  else
    with instances as materialized (
      select r.instance_id, min(r.id) filter (where r.item is null) as first_left
      from unnest(p_rows) r
      where r.organization_id = any (p_organization_ids)
      group by r.instance_id
    )
    select array_agg(r order by r.position) into v_rows
      from unnest(p_rows) r
      join instances n on n.instance_id = r.instance_id
      where (n.first_left is null or r.id < n.first_left)
        and (
          select i.id from public.inbox i where i.state = 0 and i.instance_id = n.instance_id order by i.id limit 1
        ) is null;
  end if;
  if v_rows is null then
    return;
  end if;
  v_work := public.make_work(v_rows);
  if exists (select from public.erased_messages) and public.skip_erased(v_work) is distinct from v_work then
    -- Nothing of what was erased stays in its row: that is for whoever takes it from the table.
    raise exception 'erased' using errcode = 'AZ414';
  end if;
  v_done := public.do_work(v_work, p_booking_policy, true);
  events := v_done.events;
  outcomes := v_done.outcomes;
end
$$;

-- Inserts rows of the inbox as what became of them, or as waiting; returns the ids of those that were not there before.
create or replace function public.store_received(p_rows public.ingest_row[], p_received jsonb,
    p_outcomes public.ingest_outcome[])
  returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids bigint[];
begin
  with stored as (
    insert into public.inbox (id, organization_id, instance_id, message_id, chat, sender, hash, attrs, encryption,
        body, account_phone, account_lid, received_at, state, outcome, reason, error, processed_at)
      overriding system value
      select r.id, r.organization_id, r.instance_id, r.message_id, r.chat, e.row ->> 'sender',
        e.row ->> 'hash', e.row -> 'attrs', e.row ->> 'encryption', decode(e.row ->> 'body', 'base64'),
        e.row ->> 'account_phone', e.row ->> 'account_lid', r.received_at, coalesce(o.state, 0), o.outcome, o.reason, o.error,
        case when o.state is not null then now() end
      from unnest(p_rows) r
      cross join lateral (select p_received -> (r.position::int - 1) as row) e
      left join unnest(p_outcomes) o on o.inbox_id = r.id
      order by r.id
      on conflict (instance_id, hash) do nothing
      returning id
  )
  select coalesce(array_agg(s.id), '{}') into v_ids from stored s;
  return v_ids;
end
$$;

-- `commit_session_batch` for a worker in the same process, which has decided already: the inbox rows are in `received`, those that it
-- decided about with an `item`, and are stored as what became of them. `owners` says by organization which `owner_versions` it
-- knows; where they are others, the answer brings them and their addresses, and nothing is ingested. Whatever keeps rows from
-- being ingested keeps nothing from being committed: they wait in the table, and the answer names them as `inbox`; a `fault` is named,
-- too.
create or replace function public.commit_and_ingest(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_received constant jsonb := p -> 'received';
  v_answer jsonb;
  v_found record;
  v_rows public.ingest_row[];
  v_ids bigint[];
  v_organizations text[];
  v_versions jsonb;
  v_is_known boolean;
  v_known text[];
  v_done record;
  v_events jsonb := '[]'::jsonb;
  v_outcomes public.ingest_outcome[] := '{}'::public.ingest_outcome[];
  v_fault text;
begin
  v_answer := public.commit_session_batch(p);
  if v_answer ->> 'result' <> 'committed' then
    return v_answer;
  end if;

  select array_agg(row(n.position, n.id, n.organization_id, n.instance_id, n.row ->> 'message_id', n.row ->> 'chat',
      (n.row ->> 'received_at')::timestamptz, n.row -> 'item')::public.ingest_row order by n.position) as rows,
      array_agg(n.organization_id) as organizations
    into v_found
    from (
      -- Numbered in their order.
      select nextval('public.inbox_id_seq') as id, a.*
      from (
        -- One probe of the index for each, whatever the statistics say.
        select e.position, e.row, (e.row ->> 'instance_id')::uuid as instance_id, (
            select i.organization_id from public.whatsapp_instances i where i.id = (e.row ->> 'instance_id')::uuid
          ) as organization_id
        from jsonb_array_elements(v_received) with ordinality as e (row, position)
        order by e.position
      ) a
    ) n;
  v_rows := v_found.rows;
  v_organizations := v_found.organizations;
  if v_rows is null then
    return v_answer;
  end if;
  v_versions := public.owner_versions(v_organizations);
  v_is_known := coalesce((p -> 'owners') @> v_versions, false);
  if v_is_known then
    v_known := v_organizations;
  else
    v_known := array(select v.key from jsonb_each(v_versions) v where v.value = p -> 'owners' -> v.key);
  end if;
  if v_known <> '{}' then
    begin
      v_done := public.ingest_received(v_rows, v_known, p ->> 'booking_policy');
      v_ids := public.store_received(v_rows, v_received, v_done.outcomes);
      if cardinality(v_ids) < cardinality(v_rows) then
        raise exception 'delivered before' using errcode = 'AZ414';
      end if;
      v_events := v_done.events;
      v_outcomes := coalesce(v_done.outcomes, '{}');
    exception when others then
      v_ids := null;
      v_fault := nullif(sqlstate, 'AZ414');
    end;
  end if;
  if v_ids is null then
    v_ids := public.store_received(v_rows, v_received, '{}');
  end if;
  if v_outcomes <> '{}' then
    perform public.count_received(v_outcomes);
  end if;
  v_answer := jsonb_build_object('result', 'committed', 'events', v_events, 'processed', cardinality(v_outcomes),
    'fault', v_fault);
  if cardinality(v_outcomes) < cardinality(v_ids) then
    v_answer := v_answer || jsonb_build_object('inbox', (
      select jsonb_agg(jsonb_build_array(r.id, r.organization_id, r.instance_id, v_received -> (r.position::int - 1) -> 'hash')
        order by r.id)
      from unnest(v_rows) r
      where r.id = any (v_ids) and r.id not in (select o.inbox_id from unnest(v_outcomes) o)
    ));
  end if;
  if not v_is_known then
    v_answer := v_answer || jsonb_build_object('versions', v_versions, 'owners', public.owner_addresses(v_organizations));
  end if;
  return v_answer;
end
$$;

revoke execute on function
  public.make_work(public.ingest_row[]), public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.look_up_people(public.ingest_work[], text), public.resolve_people(public.ingest_work[], text),
  public.named_by_placeholder(public.ingest_row), public.replace_placeholders(public.ingest_work[]),
  public.store_placeholders(public.ingest_work[], bigint[]), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_note_events(public.ingest_work[], bigint[]),
  public.store_bookings(public.ingest_work[], bigint[], text),
  public.message_payload(uuid, text, text, text, timestamptz, uuid, uuid, jsonb),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.record_undecrypted(public.ingest_work[]), public.recover_undecrypted(public.ingest_work[]),
  public.is_first_contact(uuid, bigint[]), public.do_work_under(text, boolean, public.ingest_work[], boolean),
  public.read_again(public.ingest_work[], bigint[]), public.do_work(public.ingest_work[], text, boolean),
  public.count_received(public.ingest_outcome[]), public.ingest_inbox(jsonb),
  public.owner_versions(text[]), public.ingest_received(public.ingest_row[], text[], text),
  public.store_received(public.ingest_row[], jsonb, public.ingest_outcome[]), public.commit_and_ingest(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.make_work(public.ingest_row[]), public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.look_up_people(public.ingest_work[], text), public.resolve_people(public.ingest_work[], text),
  public.named_by_placeholder(public.ingest_row), public.replace_placeholders(public.ingest_work[]),
  public.store_placeholders(public.ingest_work[], bigint[]), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_note_events(public.ingest_work[], bigint[]),
  public.store_bookings(public.ingest_work[], bigint[], text),
  public.message_payload(uuid, text, text, text, timestamptz, uuid, uuid, jsonb),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.record_undecrypted(public.ingest_work[]), public.recover_undecrypted(public.ingest_work[]),
  public.is_first_contact(uuid, bigint[]), public.do_work_under(text, boolean, public.ingest_work[], boolean),
  public.read_again(public.ingest_work[], bigint[]), public.do_work(public.ingest_work[], text, boolean),
  public.count_received(public.ingest_outcome[]), public.ingest_inbox(jsonb),
  public.owner_versions(text[]), public.ingest_received(public.ingest_row[], text[], text),
  public.store_received(public.ingest_row[], jsonb, public.ingest_outcome[]), public.commit_and_ingest(jsonb)
  to service_role;
