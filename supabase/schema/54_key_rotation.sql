-- Rotation of SESSION_ENCRYPTION_KEY while sessions run. `master_ids` names the keys that are configured, the new one first. A
-- session's own write always wins: a value is replaced only while it is the one that was read, rows that are locked are left
-- for the next pass, and nobody is waited for.

-- Which keys of SESSION_ENCRYPTION_KEY each living process has, so that none seals with a key that another one lacks.
create table if not exists public.key_holders (
  -- Names this run of the process.
  process uuid primary key,
  -- For people; workers may share theirs.
  node_id text not null,
  -- Ids in base64, in the order of the configuration.
  key_ids jsonb not null,
  -- What the process seals with, one of them.
  sealing text not null,
  announced_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
) with (fillfactor = 50);
alter table public.key_holders enable row level security;
revoke all on public.key_holders from public, anon, authenticated;
grant select, insert, update, delete on public.key_holders to service_role;

-- A process says which keys it has, and is told which one to seal with (`sealing`): the first of them that all living
-- processes have. One that has wrapped a data key is in use already, and whoever lacks it does not hold the others back.
-- `lacking`: processes that seal with a key that the caller does not have. `alone`: nobody else can be alive. `leaving`: it ends.
create or replace function public.announce_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_process constant uuid := (p ->> 'process')::uuid;
  v_keys constant jsonb := p -> 'key_ids';
  v_sealing text;
begin
  delete from public.key_holders h
    where h.expires_at <= now() or ((p ->> 'alone')::boolean and h.process <> v_process)
      or ((p ->> 'leaving')::boolean and h.process = v_process);
  select k.id into v_sealing
    from jsonb_array_elements_text(v_keys) with ordinality as k (id, position)
    where not exists (select from public.key_holders h where h.process <> v_process and not h.key_ids ? k.id)
      or exists (select from public.data_keys d where substr(d.wrapped, 2, 4) = decode(k.id, 'base64'))
    order by k.position
    limit 1;
  v_sealing := coalesce(v_sealing, v_keys ->> 0);
  if not (p ->> 'leaving')::boolean then
    insert into public.key_holders as h (process, node_id, key_ids, sealing, expires_at)
      values (v_process, p ->> 'node_id', v_keys, v_sealing, now() + make_interval(secs => (p ->> 'seconds')::float))
      on conflict (process) do update set key_ids = excluded.key_ids, sealing = excluded.sealing,
        announced_at = clock_timestamp(), expires_at = excluded.expires_at;
  end if;
  return jsonb_build_object('sealing', v_sealing, 'lacking', (
    select coalesce(jsonb_agg(distinct h.node_id), '[]')
    from public.key_holders h
    where h.process <> v_process and not v_keys ? h.sealing
  ));
end
$$;

-- Who may still seal under another key than the new one, as [process, node, has the new key first, last sign of life]: processes, and
-- nodes that run sessions whose data key the new key has not wrapped.
create or replace function public.rotation_blockers(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with holders as (
    select h.process::text, h.node_id, h.key_ids ->> 0 = p -> 'master_ids' ->> 0 as has_key, h.sealing, h.announced_at
    from public.key_holders h
    where h.expires_at > now()
  ), sessions as (
    select i.lease_owner as node_id, max(i.lease_expires_at) as lease_expires_at
    from public.whatsapp_instances i
    where i.lease_owner is not null and i.lease_expires_at > now()
      and (i.deleted_at is null or i.logout_expires_at is not null) and not exists (
      select from public.data_keys k
      where k.instance_id = i.id and k.purpose = 'session' and k.retired_at is null
        and substr(k.wrapped, 2, 4) = decode(p -> 'master_ids' ->> 0, 'base64')
    )
    group by i.lease_owner
  )
  select coalesce(jsonb_agg(jsonb_build_array(b.process, b.node_id, b.has_key, b.seen_at) order by b.node_id, b.process), '[]')
  from (
    select h.process, h.node_id, h.has_key, h.announced_at as seen_at
    from holders h
    where h.sealing <> p -> 'master_ids' ->> 0
    union all
    select s.node_id, s.node_id, exists (select from holders h where h.node_id = s.node_id and h.has_key), s.lease_expires_at
    from sessions s
  ) b
$$;

-- What an instance that nobody runs lacks. One that is deleted needs no key but for what is still there.
create or replace function public.lacks_data_key(p_instance public.whatsapp_instances, p_purpose text, p_master_ids jsonb)
  returns boolean
  language sql stable
  set search_path = ''
as $$
  select not public.is_leased(p_instance)
    and case
      when p_instance.deleted_at is null then true
      when p_purpose = 'inbox' then exists (
        select from public.inbox r where r.instance_id = p_instance.id and r.state = 0
      )
      else p_instance.has_session or exists (
        select from public.whatsapp_session_keys v where v.instance_id = p_instance.id
      )
    end
    and public.needs_data_key(p_instance.id, p_purpose, p_master_ids)
$$;

create or replace function public.list_unkeyed_instances(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(u.id), '[]')
  from (
    select i.id
    from public.whatsapp_instances i
    where i.id > coalesce((p ->> 'after')::uuid, '00000000-0000-0000-0000-000000000000')
      and (public.lacks_data_key(i, 'session', p -> 'master_ids') or public.lacks_data_key(i, 'inbox', p -> 'master_ids'))
    order by i.id
    limit (p ->> 'limit')::int
  ) u
$$;

-- Gives instances that nobody runs new data keys: `keys` holds [instance, session, inbox]. The epoch is raised as if somebody
-- had taken the session over: whoever had it last can store nothing under the key before.
create or replace function public.renew_data_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instance public.whatsapp_instances;
  v_new jsonb;
  v_session boolean;
  v_inbox boolean;
  v_renewed int := 0;
begin
  -- In the order of ids, as everybody else who locks several instances.
  for v_new in select e from jsonb_array_elements(p -> 'keys') e order by (e ->> 0)::uuid loop
    select * into v_instance from public.whatsapp_instances where id = (v_new ->> 0)::uuid for no key update;
    continue when not found;
    v_session := public.lacks_data_key(v_instance, 'session', p -> 'master_ids');
    v_inbox := public.lacks_data_key(v_instance, 'inbox', p -> 'master_ids');
    if v_session or v_inbox then
      update public.whatsapp_instances set lease_epoch = lease_epoch + 1 where id = v_instance.id;
      v_renewed := v_renewed + 1;
    end if;
    if v_session then
      perform public.replace_data_key(v_instance, 'session', v_new -> 1);
    end if;
    if v_inbox then
      perform public.replace_data_key(v_instance, 'inbox', v_new -> 2);
    end if;
  end loop;
  return jsonb_build_object('renewed', v_renewed);
end
$$;

-- New data keys for sessions that run: `keys` holds [instance, epoch, session, inbox]. Gives [instance, session keys, inbox
-- keys] for those that are still the caller's.
create or replace function public.renew_running_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instance public.whatsapp_instances;
  v_new jsonb;
  v_renewed jsonb := '[]'::jsonb;
begin
  -- In the order of ids, as everybody else who locks several instances.
  for v_new in select e from jsonb_array_elements(p -> 'keys') e order by (e ->> 0)::uuid loop
    select * into v_instance from public.whatsapp_instances
      where id = (v_new ->> 0)::uuid and lease_epoch = (v_new ->> 1)::bigint
        and (deleted_at is null or logout_expires_at is not null)
      for no key update;
    continue when not found;
    if public.needs_data_key(v_instance.id, 'session', p -> 'master_ids') then
      perform public.replace_data_key(v_instance, 'session', v_new -> 2);
    end if;
    if public.needs_data_key(v_instance.id, 'inbox', p -> 'master_ids') then
      perform public.replace_data_key(v_instance, 'inbox', v_new -> 3);
    end if;
    v_renewed := v_renewed || jsonb_build_array(jsonb_build_array(v_instance.id,
      public.data_keys_of(v_instance.id, 'session'), public.data_keys_of(v_instance.id, 'inbox')));
  end loop;
  return v_renewed;
end
$$;

-- Data keys that another key than the new one wrapped, as [id, owner, purpose, wrapped].
create or replace function public.list_keys_to_rewrap(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(w.id, coalesce(w.instance_id::text, w.organization_id), w.purpose,
    translate(encode(w.wrapped, 'base64'), e'\n', '')) order by w.id), '[]')
  from (
    select k.*
    from public.data_keys k
    where substr(k.wrapped, 2, 4) <> decode(p -> 'master_ids' ->> 0, 'base64') and k.id > (p ->> 'after')::bigint
    order by k.id
    limit (p ->> 'limit')::int
  ) w
$$;

-- `rows` holds [id, wrapped before, wrapped now].
create or replace function public.rewrap_data_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  update public.data_keys k set wrapped = decode(e ->> 2, 'base64')
    from jsonb_array_elements(p -> 'rows') e
    where k.id = (e ->> 0)::bigint and k.wrapped = decode(e ->> 1, 'base64');
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- Keys that seal nothing any more, after a pass that found no value which they sealed. For a day whoever read such a value
-- before can still open it.
create or replace function public.drop_retired_keys(p jsonb) returns jsonb
  language sql
  set search_path = ''
as $$
  with dropped as (
    delete from public.data_keys k where k.retired_at < now() - interval '1 day' returning k.id
  )
  select jsonb_build_object('dropped', count(*)) from dropped
$$;

revoke execute on function
  public.announce_keys(jsonb), public.rotation_blockers(jsonb),
  public.lacks_data_key(public.whatsapp_instances, text, jsonb), public.list_unkeyed_instances(jsonb),
  public.renew_data_keys(jsonb), public.renew_running_keys(jsonb), public.list_keys_to_rewrap(jsonb),
  public.rewrap_data_keys(jsonb), public.drop_retired_keys(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.announce_keys(jsonb), public.rotation_blockers(jsonb),
  public.lacks_data_key(public.whatsapp_instances, text, jsonb), public.list_unkeyed_instances(jsonb),
  public.renew_data_keys(jsonb), public.renew_running_keys(jsonb), public.list_keys_to_rewrap(jsonb),
  public.rewrap_data_keys(jsonb), public.drop_retired_keys(jsonb)
  to service_role;
