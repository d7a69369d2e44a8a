-- Whether a session is resumed was written in three queries and once more in the service.
alter table public.whatsapp_instances add column if not exists resumes text generated always as (
    case
      when desired_state <> 'running' or deleted_at is not null or session_data is null then 'never'
      when status <> 'disconnected' or last_disconnect_reason in ('service_stopped', 'handed_over', 'storage_refused')
        then 'by_itself'
      else 'when_asked'
    end
  ) stored;
drop index if exists public.idx_whatsapp_instances_resumable;

-- What follows is written by `npm run schema` from supabase/schema: do not edit.

-- 20_instances.sql

create index if not exists idx_whatsapp_instances_resumable
  on public.whatsapp_instances (id) where resumes <> 'never';

-- An instance as the service reads it: everything but its credentials and who runs it.
create or replace function public.instance_view(i public.whatsapp_instances) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', i.id, 'organization_id', i.organization_id, 'instance_name', i.instance_name,
    'phone_number', i.phone_number, 'status', i.status, 'pairing_method', i.pairing_method,
    'account_phone', i.account_phone, 'account_lid', i.account_lid, 'last_connected_at', i.last_connected_at,
    'messages_sent_count', i.messages_sent_count, 'messages_received_count', i.messages_received_count,
    'desired_state', i.desired_state, 'has_session', i.has_session, 'resumes', i.resumes,
    'last_disconnect_reason', i.last_disconnect_reason,
    'created_at', i.created_at, 'updated_at', i.updated_at, 'deleted_at', i.deleted_at)
$$;

-- 23_nodes.sql

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

-- 25_data_keys.sql

-- How many linked instances could not be run with these keys of SESSION_ENCRYPTION_KEY.
create or replace function public.count_locked_sessions(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(count(*))
  from public.whatsapp_instances i
  join public.data_keys k on k.instance_id = i.id and k.purpose = 'session' and k.retired_at is null
  where i.resumes <> 'never'
    and substr(k.wrapped, 2, 4) not in (select decode(m, 'base64') from jsonb_array_elements_text(p -> 'master_ids') m)
$$;
