-- The loss ledger: every message that WhatsApp delivered and that could not be read here, and what became of it.

-- What became of a row that was closed; null while it is pending.
alter table public.inbox add column outcome text
  check (outcome in ('stored', 'note', 'skipped', 'duplicate', 'dead', 'undecrypted'));

-- For counting what arrived in a period.
create index idx_inbox_received on public.inbox (instance_id, received_at);

-- A table of its own: it outlives the purging of the inbox, and its few rows are looked up by canonical addresses, which
-- those of the inbox do not have.
create table public.undecrypted_messages (
  -- Order of arrival; what lists are sorted by.
  id bigint generated always as identity primary key,
  organization_id text not null,
  instance_id uuid not null,
  -- The placeholder.
  inbox_id bigint not null unique,
  -- Chosen by the sender: names a message only together with chat and person.
  message_id text not null,
  chat text not null,
  chat_kind text not null,
  from_me boolean not null,
  -- The other side of a direct chat, the author elsewhere; digits.
  phone text,
  lid text,
  -- The sender's clock: shown, never decided by.
  sent_at timestamptz not null,
  received_at timestamptz not null,
  -- waiting: a new copy was asked for. recovered: a readable copy came. given_up: none came in time.
  state text not null default 'waiting' check (state in ('waiting', 'recovered', 'given_up')),
  -- The readable copy.
  recovered_inbox_id bigint,
  settled_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index idx_undecrypted_message on public.undecrypted_messages (instance_id, message_id);
create index idx_undecrypted_instance on public.undecrypted_messages (instance_id, id desc);
create index idx_undecrypted_received on public.undecrypted_messages (instance_id, received_at);
create index idx_undecrypted_waiting on public.undecrypted_messages (created_at) where state = 'waiting';

alter table public.undecrypted_messages enable row level security;
revoke all on public.undecrypted_messages from anon, authenticated;
grant select, insert, update, delete on public.undecrypted_messages to service_role;
grant select on public.undecrypted_messages to authenticated;
create policy members_read on public.undecrypted_messages for select to authenticated
  using (organization_id in (select public.my_organizations()));

-- What an item says about the message in its row; without `chat_kind` it says nothing.
create function public.items_with_origin(p_work public.ingest_work[], p_items jsonb)
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

-- The ledger's rows about the same message. The id alone would let a stranger settle somebody else's: the chat and the
-- person must be the same too, by either address.
create function public.find_undecrypted(p_instance_id uuid, p_message_id text, p_chat text, p_chat_kind text,
    p_from_me boolean, p_phone text, p_lid text, p_contact_id uuid)
  returns setof public.undecrypted_messages
  language sql stable
  set search_path = ''
as $$
  select u.*
  from public.undecrypted_messages u
  where u.instance_id = p_instance_id and u.message_id = p_message_id
    and u.chat_kind = p_chat_kind and u.from_me = p_from_me
    and (p_chat_kind = 'direct' or p_chat_kind = 'self' or u.chat = p_chat)
    and (p_chat_kind = 'self' or u.phone = p_phone or u.lid = p_lid or exists (
        select from public.contacts k
        where k.id = p_contact_id and (k.phone_number = u.phone or k.lid = u.lid)
      ))
$$;

-- Writes placeholders into the ledger; returns the inbox rows of those that were in it already, or whose message had
-- arrived readable before. To be called when the messages of the call are stored.
create function public.record_undecrypted(p_work public.ingest_work[], p_items jsonb) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_item record;
  v_copy bigint;
  v_known bigint[] := '{}';
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
create function public.recover_undecrypted(p_work public.ingest_work[], p_items jsonb) returns void
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
as $$
declare
  v_policy constant text := p ->> 'booking_policy';
  v_work public.ingest_work[];
  v_messages bigint[];
  v_notes bigint[];
  v_known bigint[];
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

-- Gives up on what waited `after_seconds` or longer, without a break in the connection, for a copy that did not come.
-- A connection that never lasts so long gets a day; whoever is off line, two weeks, as long as WhatsApp keeps messages.
-- Nothing can come any more for an instance that was deleted or unlinked. By our clock alone, never the sender's.
create function public.give_up_undecrypted(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_overdue constant timestamptz := now() - make_interval(secs => (p ->> 'after_seconds')::double precision);
  v_given_up int;
begin
  with overdue as (
    select u.id
    from public.undecrypted_messages u
    join public.whatsapp_instances i on i.id = u.instance_id
    where u.state = 'waiting' and u.created_at <= v_overdue
      and (i.deleted_at is not null
        or not i.has_session
        or i.status = 'connected' and (i.last_connected_at <= v_overdue or u.created_at <= now() - interval '1 day')
        or u.created_at <= now() - interval '14 days')
    order by u.created_at
    limit least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 1000)
    for update of u skip locked
  )
  update public.undecrypted_messages u
    set state = 'given_up', settled_at = now()
    from overdue o
    where u.id = o.id;
  get diagnostics v_given_up = row_count;
  return jsonb_build_object('given_up', v_given_up);
end
$$;

-- What became of everything that arrived for an instance from `from` until before `to`. Every row of the inbox is counted
-- once: received = stored + notes + skipped + duplicates + pending + dead + waiting + recovered + given_up.
create function public.instance_integrity(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with arrived as (
    select i.state, i.outcome, i.reason, count(*) as messages
    from public.inbox i
    where i.instance_id = (p ->> 'instance_id')::uuid and i.organization_id = p ->> 'organization_id'
      and i.received_at >= (p ->> 'from')::timestamptz and i.received_at < (p ->> 'to')::timestamptz
    group by i.state, i.outcome, i.reason
  ), ledger as (
    select u.state, count(*) as messages,
      count(*) filter (where u.chat_kind in ('direct', 'self')) as personal
    from public.undecrypted_messages u
    where u.instance_id = (p ->> 'instance_id')::uuid and u.organization_id = p ->> 'organization_id'
      and u.received_at >= (p ->> 'from')::timestamptz and u.received_at < (p ->> 'to')::timestamptz
    group by u.state
  ), outcomes as (
    select coalesce(sum(a.messages), 0) as received,
      coalesce(sum(a.messages) filter (where a.outcome = 'stored'), 0) as stored,
      coalesce(sum(a.messages) filter (where a.outcome = 'note'), 0) as notes,
      coalesce(sum(a.messages) filter (where a.outcome = 'skipped'), 0) as skipped,
      coalesce(sum(a.messages) filter (where a.outcome = 'duplicate'), 0) as duplicates,
      coalesce(sum(a.messages) filter (where a.state = 0), 0) as pending,
      coalesce(sum(a.messages) filter (where a.state = 2), 0) as dead,
      (
        select coalesce(jsonb_object_agg(r.reason, r.messages), '{}')
        from (
          select coalesce(b.reason, 'unknown') as reason, sum(b.messages) as messages
          from arrived b where b.outcome in ('skipped', 'dead') group by 1
        ) r
      ) as by_reason
    from arrived a
  )
  select jsonb_build_object(
    'received', o.received, 'stored', o.stored, 'notes', o.notes, 'skipped', o.skipped, 'duplicates', o.duplicates,
    'pending', o.pending, 'dead', o.dead, 'by_reason', o.by_reason,
    'waiting', coalesce((select l.messages from ledger l where l.state = 'waiting'), 0),
    'recovered', coalesce((select l.messages from ledger l where l.state = 'recovered'), 0),
    'given_up', coalesce((select l.messages from ledger l where l.state = 'given_up'), 0),
    'lost', coalesce((select l.personal from ledger l where l.state = 'given_up'), 0)
  )
  from outcomes o
$$;

do $$
declare
  v_name text;
begin
  foreach v_name in array array[
    'items_with_origin(public.ingest_work[], jsonb)',
    'find_undecrypted(uuid, text, text, text, boolean, text, text, uuid)',
    'record_undecrypted(public.ingest_work[], jsonb)', 'recover_undecrypted(public.ingest_work[], jsonb)',
    'give_up_undecrypted(jsonb)', 'instance_integrity(jsonb)'
  ] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
