-- Which process runs which session. All times are the database's own.

create table public.nodes (
  id text primary key,
  kind text not null check (kind in ('api', 'worker')),
  -- Names the process: a restarted one has its predecessor's id, and another number.
  incarnation uuid not null,
  -- Gives its sessions up and takes no more.
  is_leaving boolean not null default false,
  heartbeat_at timestamptz not null default now(),
  expires_at timestamptz not null
) with (fillfactor = 50);
alter table public.nodes enable row level security;
revoke all on public.nodes from anon, authenticated;
grant select, insert, update, delete on public.nodes to service_role;

-- What looks alive and may have nobody who runs it.
create index idx_whatsapp_instances_alive on public.whatsapp_instances (id) where status <> 'disconnected';

-- A lease says nothing about the instance itself.
drop trigger touch_updated_at on public.whatsapp_instances;
create trigger touch_updated_at before update of instance_name, phone_number, status, pairing_method, session_data,
    account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
    messages_received_count, desired_state, deleted_at
  on public.whatsapp_instances
  for each row execute function public.touch_updated_at();

-- No `set` here and in `is_wanted`, so that calls are inlined: rows carry credentials, which nobody has to read for this.
create function public.is_leased(p_instance public.whatsapp_instances) returns boolean
  language sql stable
  return p_instance.lease_owner is not null and coalesce(p_instance.lease_expires_at > now(), false);

-- Takes a session over, or tells who holds it: {"held_by": node}. The same node may always take it anew.
create or replace function public.acquire_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_limit constant int := 5000;
  v_instance public.whatsapp_instances;
  v_keys jsonb;
  v_count int;
begin
  update public.whatsapp_instances i
    set lease_epoch = lease_epoch + 1, lease_owner = p ->> 'node_id',
      lease_expires_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where i.id = v_id and i.deleted_at is null and (i.lease_owner = p ->> 'node_id' or not public.is_leased(i))
    returning i.* into v_instance;
  if not found then
    select * into v_instance from public.whatsapp_instances where id = v_id and deleted_at is null;
    return case when found then jsonb_build_object('held_by', coalesce(v_instance.lease_owner, '')) end;
  end if;
  select coalesce(jsonb_agg(jsonb_build_array(k.key_type, k.key_id, public.encode_base64(k.value))
      order by k.updated_at desc), '[]'), count(*)
    into v_keys, v_count
    from (
      select key_type, key_id, value, updated_at
      from public.whatsapp_session_keys
      where instance_id = v_id and key_type <> 'pre-key'
      order by updated_at desc
      limit v_limit + 1
    ) k;
  return jsonb_build_object(
    'epoch', v_instance.lease_epoch,
    'organization_id', v_instance.organization_id,
    'phone_number', v_instance.phone_number,
    'account_phone', v_instance.account_phone,
    'account_lid', v_instance.account_lid,
    'pairing_method', v_instance.pairing_method,
    'session_data', public.encode_base64(v_instance.session_data),
    'keys', case when v_count > v_limit then v_keys - v_limit else v_keys end,
    'keys_complete', v_count <= v_limit
  );
end
$$;

-- A node is alive, and runs these sessions: prolongs their leases. Tells which of them are not its own any more, and
-- whom else there is: nodes that are alive, and holders of leases. `rival`: another process beats under the same name.
create function public.node_heartbeat(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_node constant text := p ->> 'node_id';
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_lost jsonb;
  v_others jsonb;
  v_rival boolean;
begin
  -- A predecessor that died is buried before its successor's first beat.
  v_rival := exists (
    select from public.nodes n
    where n.id = v_node and n.incarnation <> (p ->> 'incarnation')::uuid and n.expires_at > now()
  );
  insert into public.nodes as n (id, kind, incarnation, is_leaving, expires_at)
    values (v_node, p ->> 'kind', (p ->> 'incarnation')::uuid, (p ->> 'is_leaving')::boolean, v_until)
    on conflict (id) do update set kind = excluded.kind, incarnation = excluded.incarnation,
      is_leaving = excluded.is_leaving, heartbeat_at = now(), expires_at = excluded.expires_at;
  delete from public.nodes where expires_at < now() - interval '1 hour';

  with running as (
    select (e ->> 0)::uuid as id, (e ->> 1)::bigint as epoch from jsonb_array_elements(p -> 'sessions') e
  ), held as materialized (
    -- In the order of ids, as everybody else who locks several instances.
    select i.id, i.lease_owner, i.lease_epoch
    from public.whatsapp_instances i
    where i.id in (select r.id from running r)
    order by i.id
    for no key update
  ), renewed as (
    update public.whatsapp_instances i set lease_expires_at = v_until
      from held h join running r on r.id = h.id
      where i.id = h.id and h.lease_owner = v_node and h.lease_epoch = r.epoch
      returning i.id
  )
  select coalesce(jsonb_agg(r.id), '[]') into v_lost
    from running r where not exists (select from renewed w where w.id = r.id);

  select coalesce(jsonb_agg(o.id), '[]') into v_others
    from (
      select n.id from public.nodes n where n.expires_at > now()
      union
      select i.lease_owner from public.whatsapp_instances i where public.is_leased(i)
    ) o
    where o.id <> v_node;
  return jsonb_build_object('lost', v_lost, 'others', v_others, 'rival', v_rival);
end
$$;

-- These nodes are known to be gone: their leases end now. `all`: whoever it is, for a database with a single user.
create function public.bury_nodes(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_all constant boolean := coalesce((p ->> 'all')::boolean, false);
  v_freed int;
begin
  delete from public.nodes n where v_all or n.id in (select jsonb_array_elements_text(p -> 'ids'));
  with held as (
    select i.id
    from public.whatsapp_instances i
    where public.is_leased(i) and (v_all or i.lease_owner in (select jsonb_array_elements_text(p -> 'ids')))
    order by i.id
    for no key update
  )
  -- The owner stays: it tells that the session was running. Long over: there is nothing to wait for, see `node_poll`.
  update public.whatsapp_instances i set lease_expires_at = now() - interval '1 hour' from held h where i.id = h.id;
  get diagnostics v_freed = row_count;
  return jsonb_build_object('freed', v_freed);
end
$$;

-- An instance that should be on line, and comes back by itself when nobody runs it. Whoever released it may have ended
-- it for a reason that only a person can change; one whose owner vanished was running.
create function public.is_wanted(p_instance public.whatsapp_instances, p_again boolean) returns boolean
  language sql immutable
  return p_instance.deleted_at is null and p_instance.desired_state = 'running' and p_instance.has_session
    and (p_again or p_instance.lease_owner is not null or p_instance.status <> 'disconnected'
      or coalesce(p_instance.last_disconnect_reason in ('service_stopped', 'handed_over'), false));

-- What there is to do for a node that runs `running` sessions: some of those that nobody runs, up to its fair share, and
-- requests of other nodes.
-- `again`: those, too, that wait for a person.
create function public.node_poll(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_again constant boolean := coalesce((p ->> 'again')::boolean, false);
  v_nodes int;
  v_share int;
  v_free jsonb;
begin
  -- Nobody is linking it any more. Whoever was cut off for a moment, and may go on, does not say so again.
  with stale as (
    select i.id
    from public.whatsapp_instances i
    where i.status <> 'disconnected' and not public.is_leased(i) and not public.is_wanted(i, true)
      and coalesce(i.lease_expires_at < now() - interval '1 minute', true)
    order by i.id
    for no key update skip locked
  )
  update public.whatsapp_instances i set status = 'disconnected', last_disconnect_reason = 'service_restarted'
    from stale s where i.id = s.id;

  select greatest(count(*), 1) into v_nodes
    from public.nodes where kind = 'api' and expires_at > now() and not is_leaving;
  select ceil(count(*)::numeric / v_nodes) into v_share
    from public.whatsapp_instances i
    where i.desired_state = 'running' and i.deleted_at is null and public.is_wanted(i, v_again);
  -- Any order will do, as long as two nodes do not take the same one.
  select coalesce(jsonb_agg(jsonb_build_array(f.id, f.organization_id)), '[]') into v_free
    from (
      select i.id, i.organization_id
      from public.whatsapp_instances i
      where i.desired_state = 'running' and i.deleted_at is null
        and public.is_wanted(i, v_again) and not public.is_leased(i)
      order by random()
      limit greatest(least((p ->> 'limit')::int, v_share - (p ->> 'running')::int), 0)
    ) f;
  return jsonb_build_object('nodes', v_nodes, 'share', v_share, 'free', v_free,
    'requests', public.take_node_requests(p));
end
$$;

-- Whether a node that is alive runs it.
create function public.session_holder(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select to_jsonb(i.lease_owner) from public.whatsapp_instances i
    where i.id = (p ->> 'instance_id')::uuid and public.is_leased(i);
  end;

-- The instance's message under this idempotency key, or else under this WhatsApp id.
create function public.stored_outbound(p jsonb) returns setof public.messages
  language sql stable
  begin atomic
    select m.* from public.messages m
    where m.instance_id = (p ->> 'instance_id')::uuid
      and (m.idempotency_key = p ->> 'idempotency_key'
        or m.direction = 'outbound' and m.whatsapp_message_id = p ->> 'whatsapp_message_id')
    order by m.idempotency_key = p ->> 'idempotency_key' desc nulls last
    limit 1;
  end;

create or replace function public.find_outbound(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select public.outbound_view(m) from public.stored_outbound(p) m;
  end;

-- As before, and nothing is stored for a sender who lost the session: the new owner would not hear of it. What such a
-- sender stored before that is found, so that a repeated call does not take it for nothing.
create or replace function public.begin_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_phone constant text := nullif(p ->> 'phone', '');
  v_lid constant text := nullif(p ->> 'lid', '');
  v_account text;
  v_epoch bigint;
  v_contact_id uuid;
  v_message public.messages;
begin
  perform 1 from public.organizations where id = v_organization_id for no key update;
  select coalesce(account_phone, account_lid, ''), lease_epoch into v_account, v_epoch
    from public.whatsapp_instances where id = v_instance_id and organization_id = v_organization_id
    for share;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  -- The lock above makes calls with one key wait for each other.
  select * into v_message from public.stored_outbound(p);
  if found then
    return public.outbound_view(v_message);
  end if;
  if v_epoch <> (p ->> 'epoch')::bigint then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_instance_id)::text;
  end if;
  if p ->> 'request_id' is not null then
    -- Held until the end, so that a withdrawal comes before or after all of this. Whoever can't withdraw it waits until it
    -- is over, and goes by the clock: this may have waited for the locks above.
    perform 1 from public.node_requests
      where id = (p ->> 'request_id')::uuid and expires_at > clock_timestamp()
      for share;
    if not found then
      raise exception 'request withdrawn' using errcode = 'AZ404';
    end if;
  end if;
  if (v_phone is not null or v_lid is not null) and not exists (
    select from public.whatsapp_instances i
    where i.organization_id = v_organization_id and i.deleted_at is null
      and (v_phone in (i.phone_number, i.account_phone) or v_lid = i.account_lid)
  ) then
    v_contact_id := public.resolve_person(v_organization_id, v_phone, v_lid, 'off');
    update public.contacts set last_message_at = greatest(last_message_at, now()) where id = v_contact_id;
  end if;
  insert into public.messages as m (id, organization_id, contact_id, instance_id, direction, content, content_type,
      whatsapp_message_id, chat_jid, chat_key, status, idempotency_key, request_hash, sent_from)
    values (coalesce((p ->> 'message_id')::uuid, gen_random_uuid()), v_organization_id, v_contact_id, v_instance_id,
      'outbound', p ->> 'content', coalesce(p ->> 'content_type', 'conversation'), p ->> 'whatsapp_message_id', p ->> 'chat_jid',
      coalesce(v_contact_id::text, p ->> 'chat_jid', ''), 'pending',
      p ->> 'idempotency_key', p ->> 'request_hash', nullif(v_account, ''))
    on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update set updated_at = now()
    returning m.* into v_message;
  return public.outbound_view(v_message);
end
$$;

-- As before, and not for a sender who lost the session. To be asked before a message is written again: it may be known by now, too old, or another account's.
create or replace function public.repeat_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message public.messages;
  v_account public.whatsapp_instances;
  v_reason text;
begin
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    return jsonb_build_object('status', 'failed', 'error', 'message_deleted');
  end if;
  if v_message.status in ('pending', 'unknown') then
    select * into v_account from public.whatsapp_instances where id = v_message.instance_id;
    if v_account.lease_epoch <> (p ->> 'epoch')::bigint then
      raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_account.id)::text;
    end if;
    v_reason := case
      when v_message.sent_from not in (v_account.account_phone, v_account.account_lid) then 'account_changed'
      when v_message.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float) then 'not_confirmed_in_time'
      when v_message.repeats >= (p ->> 'max_repeats')::int then 'not_confirmed'
    end;
    update public.messages
      set status = case when v_reason is null then 'unknown' else 'failed' end,
        error = v_reason,
        repeats = repeats + case when v_reason is null then 1 else 0 end
      where id = v_message.id
      returning * into v_message;
  end if;
  return jsonb_build_object('status', v_message.status, 'error', v_message.error);
end
$$;

do $$
declare
  v_name text;
begin
  foreach v_name in array array[
    'is_leased(public.whatsapp_instances)', 'is_wanted(public.whatsapp_instances, boolean)', 'node_heartbeat(jsonb)',
    'bury_nodes(jsonb)', 'node_poll(jsonb)', 'session_holder(jsonb)', 'stored_outbound(jsonb)'
  ] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
