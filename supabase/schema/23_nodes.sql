-- Which process runs which session. All times are the database's own.

create table if not exists public.nodes (
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
revoke all on public.nodes from public, anon, authenticated;
grant select, insert, update, delete on public.nodes to service_role;

-- A node is alive, and runs these sessions: prolongs their leases. Tells which of them are not its own any more, and
-- whom else there is: nodes that are alive, and holders of leases. `rival`: another process beats under the same name. `groups`: which of
-- them store what is written in groups.
create or replace function public.node_heartbeat(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_node constant text := p ->> 'node_id';
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_lost jsonb;
  v_others jsonb;
  v_groups jsonb;
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
  -- Whoever else is at it does not have to be waited for.
  delete from public.nodes n where n.id in (
    select o.id from public.nodes o where o.expires_at < now() - interval '1 hour' for update skip locked
  );

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
      returning i.id, i.group_policy
  )
  select coalesce(jsonb_agg(r.id) filter (where w.id is null), '[]'),
      coalesce(jsonb_agg(r.id) filter (where w.group_policy = 'store'), '[]')
    into v_lost, v_groups
    from running r
    left join renewed w on w.id = r.id;

  select coalesce(jsonb_agg(o.id), '[]') into v_others
    from (
      select n.id from public.nodes n where n.expires_at > now()
      union
      select i.lease_owner from public.whatsapp_instances i
      where i.lease_owner is not null and i.lease_expires_at > now()
    ) o
    where o.id <> v_node;
  return jsonb_build_object('lost', v_lost, 'others', v_others, 'rival', v_rival, 'groups', v_groups);
end
$$;

-- These nodes are known to be gone: their leases end now. `all`: whoever it is, for a database with a single user.
create or replace function public.bury_nodes(p jsonb) returns jsonb
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
    where i.lease_owner is not null and i.lease_expires_at > now()
      and (v_all or i.lease_owner in (select jsonb_array_elements_text(p -> 'ids')))
    order by i.id
    for no key update
  )
  -- The owner stays: it tells that the session was running. Long over: there is nothing to wait for, see `node_poll`.
  update public.whatsapp_instances i set lease_expires_at = now() - interval '1 hour' from held h where i.id = h.id;
  get diagnostics v_freed = row_count;
  return jsonb_build_object('freed', v_freed);
end
$$;

-- What there is to do for a node that runs `running` sessions: some of those that nobody runs, up to its fair share, and
-- requests of other nodes.
-- `again`: those, too, that wait for a person. `next_lease_ms`: when the first lease of another node ends unless it is
-- prolonged, so that nobody has to look again before. `has_leaver`: another node gives its sessions up. `leaving`: instances that
-- the node runs and somebody deleted, with the time for which their devices are tried to be logged out, in ms.
create or replace function public.node_poll(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_again constant boolean := coalesce((p ->> 'again')::boolean, false);
  v_stale record;
  v_nodes int;
  v_has_leaver boolean;
  v_share int;
  v_free jsonb;
  v_next_lease_ms bigint;
begin
  -- Nobody is linking it any more. Whoever was cut off for a moment, and may go on, does not say so again. First the
  -- organization, then the instance, as everybody who locks both; whoever else is at either does not have to be waited for.
  for v_stale in
    select i.id, i.organization_id, i.deleted_at is not null as is_deleted
    from public.whatsapp_instances i
    where i.status <> 'disconnected' and coalesce(i.lease_expires_at < now() - interval '1 minute', true)
      and i.resumes = 'never'
    order by i.organization_id, i.id
    limit 100
  loop
    perform 1 from public.organizations o where o.id = v_stale.organization_id for no key update skip locked;
    continue when not found;
    perform 1 from public.whatsapp_instances i
      where i.id = v_stale.id and i.status <> 'disconnected'
        and coalesce(i.lease_expires_at < now() - interval '1 minute', true)
      for no key update skip locked;
    continue when not found;
    update public.whatsapp_instances i set status = 'disconnected', last_disconnect_reason = 'service_restarted'
      where i.id = v_stale.id;
    if not v_stale.is_deleted then
      perform public.append_event(v_stale.organization_id, v_stale.id, jsonb_build_object(
        'name', 'whatsapp:disconnected',
        'payload', jsonb_build_object('instanceId', v_stale.id, 'reason', 'service_restarted',
          'timestamp', to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))));
    end if;
  end loop;

  select greatest(count(*) filter (where not n.is_leaving), 1),
      coalesce(bool_or(n.is_leaving and n.id <> p ->> 'node_id'), false)
    into v_nodes, v_has_leaver
    from public.nodes n where n.kind = 'api' and n.expires_at > now();
  -- One whose owner vanished was running, whatever was stored of it last. Of a deleted one the device may still have to be taken off
  -- the account.
  with wanted as materialized (
    select i.id, i.organization_id, i.lease_owner, i.lease_expires_at,
      i.lease_owner is null or i.lease_expires_at <= now() or i.lease_expires_at is null as is_free
    from public.whatsapp_instances i
    where i.resumes <> 'never' and (i.resumes = 'by_itself' or v_again or i.lease_owner is not null)
    union all
    select i.id, i.organization_id, i.lease_owner, i.lease_expires_at,
      i.lease_owner is null or i.lease_expires_at <= now() or i.lease_expires_at is null
    from public.whatsapp_instances i
    where i.logout_expires_at is not null and (p ->> 'logs_out')::boolean
  ), shared as (
    select ceil(count(*)::numeric / v_nodes)::int as share,
      ceil(extract(epoch from min(w.lease_expires_at) filter (
        where w.lease_owner <> p ->> 'node_id' and w.lease_expires_at > now()
      ) - now()) * 1000) as next_lease_ms
    from wanted w
  )
  select s.share, s.next_lease_ms, (
      select coalesce(jsonb_agg(jsonb_build_array(f.id, f.organization_id)), '[]')
      from (
        -- Any order will do, as long as two nodes do not take the same one.
        select w.id, w.organization_id from wanted w
        where w.is_free
        order by random()
        limit greatest(least((p ->> 'limit')::int, s.share - (p ->> 'running')::int), 0)
      ) f
    )
    into v_share, v_next_lease_ms, v_free
    from shared s;
  return jsonb_build_object('nodes', v_nodes, 'share', v_share, 'free', v_free, 'has_leaver', v_has_leaver,
    'next_lease_ms', v_next_lease_ms, 'requests', public.take_node_requests(p), 'leaving', (
      select coalesce(jsonb_agg(jsonb_build_array(i.id, extract(epoch from i.logout_expires_at - now()) * 1000)), '[]')
      from public.whatsapp_instances i
      where i.logout_expires_at is not null and i.lease_owner = p ->> 'node_id'
    ));
end
$$;

-- Whether a node that is alive runs it.
create or replace function public.session_holder(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(i.lease_owner) from public.whatsapp_instances i
  where i.id = (p ->> 'instance_id')::uuid and public.is_leased(i)
$$;

revoke execute on function
  public.node_heartbeat(jsonb), public.bury_nodes(jsonb), public.node_poll(jsonb), public.session_holder(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.node_heartbeat(jsonb), public.bury_nodes(jsonb), public.node_poll(jsonb), public.session_holder(jsonb)
  to service_role;
