-- Sessions: take-over, reading, committing batches, giving up.

-- One row for each Signal key; values are sealed by the service.
create table if not exists public.whatsapp_session_keys (
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  key_type text not null,
  key_id text not null,
  value bytea not null,
  updated_at timestamptz not null default now(),
  primary key (instance_id, key_type, key_id)
) with (fillfactor = 60);

-- Last committed batch of each commit log: makes retries exact and stops statements that arrive late.
create table if not exists public.session_writers (
  id uuid primary key,
  last_seq bigint not null,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);
alter table public.whatsapp_session_keys enable row level security;
alter table public.session_writers enable row level security;
revoke all on public.whatsapp_session_keys, public.session_writers from public, anon, authenticated;
grant select, insert, update, delete on public.whatsapp_session_keys, public.session_writers to service_role;

-- Takes a session over, or tells who holds it: {"held_by": node}. The same node may always take it anew. `data_keys` brings new
-- data keys for where they are needed: the lock on the instance's row makes one of two nodes the maker, and the raised epoch
-- keeps the one before from sealing with another. Of the keys as many come along as an answer may hold, the last written
-- first; the others are read when they are needed. A deleted instance is taken by whoever can log its device out (`logs_out`), while
-- that is to be done: `logout_ms` says for how long. With `max_pairings`, not where so many others of the organization are run
-- that are not linked either, wherever that is.
create or replace function public.acquire_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_limit constant int := 500;
  v_max_bytes constant int := 262144;
  v_logs_out constant boolean := coalesce((p ->> 'logs_out')::boolean, false);
  v_instance public.whatsapp_instances;
  v_purpose text;
  v_keys jsonb;
  v_is_complete boolean;
begin
  if p ->> 'max_pairings' is not null then
    select * into v_instance from public.whatsapp_instances where id = v_id;
    perform public.lock_to_count(v_instance.organization_id);
    if not v_instance.has_session and (p ->> 'max_pairings')::bigint <= (
      select count(*) from public.whatsapp_instances i
      where i.organization_id = v_instance.organization_id and i.id <> v_id and i.deleted_at is null
        and not i.has_session and i.lease_owner is not null and i.lease_expires_at > now()
    ) then
      raise exception using errcode = 'AZ410', message = 'too_many_pairings';
    end if;
  end if;
  update public.whatsapp_instances i
    set lease_epoch = lease_epoch + 1, lease_owner = p ->> 'node_id',
      lease_expires_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where i.id = v_id and (i.deleted_at is null or i.logout_expires_at is not null and v_logs_out)
      and (i.lease_owner = p ->> 'node_id' or not public.is_leased(i))
    returning i.* into v_instance;
  if not found then
    select * into v_instance from public.whatsapp_instances
      where id = v_id and (deleted_at is null or logout_expires_at is not null and v_logs_out);
    return case when found then jsonb_build_object('held_by', coalesce(v_instance.lease_owner, '')) end;
  end if;
  if p -> 'data_keys' is not null then
    foreach v_purpose in array array['session', 'inbox'] loop
      if public.needs_data_key(v_id, v_purpose, p -> 'data_keys' -> 'master_ids') then
        perform public.replace_data_key(v_instance, v_purpose, p -> 'data_keys' -> v_purpose);
      end if;
    end loop;
  end if;
  with recent as materialized (
    select k.key_type, k.key_id, k.value, k.updated_at
    from public.whatsapp_session_keys k
    where k.instance_id = v_id and k.key_type <> 'pre-key'
    order by k.updated_at desc
    limit v_limit + 1
  ), placed as (
    select r.*, row_number() over taken as place, sum(octet_length(r.value)) over taken as bytes
    from recent r
    window taken as (order by r.updated_at desc, r.key_type, r.key_id rows between unbounded preceding and current row)
  )
  select coalesce(jsonb_agg(jsonb_build_array(l.key_type, l.key_id, translate(encode(l.value, 'base64'), e'\n', '')) order by l.place)
      filter (where l.place <= v_limit and l.bytes <= v_max_bytes), '[]'),
      coalesce(bool_and(l.place <= v_limit and l.bytes <= v_max_bytes), true)
    into v_keys, v_is_complete
    from placed l;
  return jsonb_build_object(
    'epoch', v_instance.lease_epoch,
    'organization_id', v_instance.organization_id,
    'phone_number', v_instance.phone_number,
    'account_phone', v_instance.account_phone,
    'account_lid', v_instance.account_lid,
    'pairing_method', v_instance.pairing_method,
    'session_data', translate(encode(v_instance.session_data, 'base64'), e'\n', ''),
    'logout_ms', extract(epoch from v_instance.logout_expires_at - now()) * 1000,
    'is_restricted', v_instance.restriction is not null,
    'stores_groups', v_instance.group_policy = 'store',
    'keys', v_keys,
    'keys_complete', v_is_complete,
    'data_keys', jsonb_build_object('session', public.data_keys_of(v_id, 'session'),
      'inbox', public.data_keys_of(v_id, 'inbox'))
  );
end
$$;

create or replace function public.read_session_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(k.key_id, translate(encode(k.value, 'base64'), e'\n', ''))), '[]')
  from jsonb_array_elements_text(p -> 'ids') as wanted (key_id)
  join public.whatsapp_session_keys k
    on k.instance_id = (p ->> 'instance_id')::uuid and k.key_type = p ->> 'type' and k.key_id = wanted.key_id
$$;

-- Raises AZ001 unless every epoch is current; the shared locks keep them current until the transaction ends.
create or replace function public.check_epochs(p_epochs jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_fenced jsonb;
begin
  with wanted as (
    select (e ->> 0)::uuid as id, (e ->> 1)::bigint as epoch from jsonb_array_elements(p_epochs) e
  ), held as materialized (
    -- In the order of ids, as everybody else who locks several instances: no deadlocks.
    select i.id, i.lease_epoch
    from public.whatsapp_instances i
    where i.id in (select w.id from wanted w)
    order by i.id
    for share
  )
  select jsonb_agg(w.id) into v_fenced
    from wanted w left join held h on h.id = w.id
    where h.lease_epoch is distinct from w.epoch;
  if v_fenced is not null then
    raise exception 'fenced' using errcode = 'AZ001', detail = v_fenced::text;
  end if;
end
$$;

-- Whose messages are an organization's own: of all its instances the number it was given, and the linked account.
create or replace function public.owner_addresses(p_organization_ids text[]) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(i.organization_id, i.phone_number, i.account_phone, i.account_lid)), '[]')
  from public.whatsapp_instances i
  where i.organization_id = any (p_organization_ids) and i.deleted_at is null
$$;

-- Where `wants_inbox` is set, the answer names the new inbox rows, and the addresses that it takes to classify them: a
-- worker in the same process needs no other call for them.
-- A batch is about a handful of rows, which the planner takes for a hundred: it would hash the whole of a table for them, by an
-- index where it must not scan it. So joins look up row by row.
create or replace function public.commit_session_batch(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set enable_hashjoin = off
  set enable_mergejoin = off
  set jit = off
as $$
declare
  v_writer constant uuid := (p ->> 'writer')::uuid;
  v_seq constant bigint := (p ->> 'seq')::bigint;
  v_epochs constant jsonb := p -> 'epochs';
  v_rows constant jsonb := p -> 'inbox';
  v_row constant jsonb := v_rows -> 0;
  -- One message alone, as most are while little comes: the same, without what it takes to do it for many.
  v_is_one constant boolean := jsonb_array_length(v_epochs) = 1 and jsonb_array_length(v_rows) = 1
    and v_row ->> 'instance_id' = v_epochs -> 0 ->> 0;
  v_organization_id text;
  v_current int;
  v_last bigint;
  v_inbox jsonb;
  v_organizations text[];
begin
  update public.session_writers set last_seq = v_seq, updated_at = now()
    where id = v_writer and last_seq = v_seq - 1;
  if not found then
    if v_seq = 1 then
      delete from public.session_writers where updated_at < now() - interval '90 days';
      insert into public.session_writers (id, last_seq) values (v_writer, 1) on conflict do nothing;
    end if;
    if v_seq <> 1 or not found then
      select last_seq into v_last from public.session_writers where id = v_writer;
      if v_last >= v_seq then
        return '{"result": "already"}'::jsonb;
      end if;
      raise exception 'batch % of writer % does not follow batch %', v_seq, v_writer, coalesce(v_last, 0)
        using errcode = 'AZ002';
    end if;
  end if;

  -- As `check_epochs`, which says which are not current; nearly always all are.
  if v_is_one then
    select i.organization_id into v_organization_id
      from public.whatsapp_instances i
      where i.id = (v_epochs -> 0 ->> 0)::uuid and i.lease_epoch = (v_epochs -> 0 ->> 1)::bigint
      for share;
    v_current := (v_organization_id is not null)::int;
  else
    select count(*) into v_current
      from (
        select from jsonb_array_elements(v_epochs) e
        join public.whatsapp_instances i on i.id = (e ->> 0)::uuid and i.lease_epoch = (e ->> 1)::bigint
        order by i.id
        for share of i
      ) h;
  end if;
  if v_current <> jsonb_array_length(v_epochs) then
    perform public.check_epochs(v_epochs);
  end if;

  if jsonb_array_length(p -> 'upserts') > 0 then
    insert into public.whatsapp_session_keys as k (instance_id, key_type, key_id, value)
      select (e ->> 0)::uuid, e ->> 1, e ->> 2, decode(e ->> 3, 'base64')
      from jsonb_array_elements(p -> 'upserts') e
      on conflict (instance_id, key_type, key_id) do update
        set value = excluded.value, updated_at = excluded.updated_at;
  end if;

  if jsonb_array_length(p -> 'deletes') > 0 then
    delete from public.whatsapp_session_keys k
      using jsonb_array_elements(p -> 'deletes') e
      where k.instance_id = (e ->> 0)::uuid and k.key_type = e ->> 1 and k.key_id = e ->> 2;
  end if;

  if v_organization_id is not null then
    insert into public.inbox (organization_id, instance_id, message_id, chat, sender, hash, attrs, encryption,
        body, account_phone, account_lid, received_at)
      values (v_organization_id, (v_row ->> 'instance_id')::uuid, v_row ->> 'message_id', v_row ->> 'chat',
        v_row ->> 'sender', v_row ->> 'hash', v_row -> 'attrs', v_row ->> 'encryption',
        decode(v_row ->> 'body', 'base64'), v_row ->> 'account_phone', v_row ->> 'account_lid',
        (v_row ->> 'received_at')::timestamptz)
      on conflict (instance_id, hash) do nothing
      returning jsonb_build_array(jsonb_build_array(id, organization_id, instance_id, hash)) into v_inbox;
    v_organizations := array[v_organization_id];
  elsif jsonb_array_length(v_rows) > 0 then
    with stored as (
      insert into public.inbox (organization_id, instance_id, message_id, chat, sender, hash, attrs, encryption,
          body, account_phone, account_lid, received_at)
        select i.organization_id, i.id, e.row ->> 'message_id', e.row ->> 'chat', e.row ->> 'sender',
          e.row ->> 'hash', e.row -> 'attrs', e.row ->> 'encryption', decode(e.row ->> 'body', 'base64'),
          e.row ->> 'account_phone', e.row ->> 'account_lid', (e.row ->> 'received_at')::timestamptz
        from jsonb_array_elements(v_rows) with ordinality as e (row, position)
        join public.whatsapp_instances i on i.id = (e.row ->> 'instance_id')::uuid
        order by e.position
        on conflict (instance_id, hash) do nothing
        returning id, organization_id, instance_id, hash
    )
    -- In order, said so: for `distinct` Postgres sorts what all aggregates get.
    select jsonb_agg(jsonb_build_array(s.id, s.organization_id, s.instance_id, s.hash) order by s.id),
        array_agg(distinct s.organization_id)
      into v_inbox, v_organizations
      from stored s;
  end if;

  if jsonb_array_length(p -> 'creds') > 0 then
    update public.whatsapp_instances i
      set session_data = decode(e ->> 1, 'base64'),
        account_phone = coalesce(e ->> 2, i.account_phone),
        account_lid = coalesce(e ->> 3, i.account_lid)
      from jsonb_array_elements(p -> 'creds') e
      where i.id = (e ->> 0)::uuid;
  end if;
  if (p ->> 'wants_inbox')::boolean and v_inbox is not null then
    return jsonb_build_object('result', 'committed', 'inbox', v_inbox,
      'owners', public.owner_addresses(v_organizations));
  end if;
  return '{"result": "committed"}'::jsonb;
end
$$;

-- Gives a session up. Its data key goes with what it sealed: copies of these rows open no more. A deleted instance's key for
-- received messages goes, too, once none of them waits. Where the device was to be taken off the account, `logout` says how that
-- ended: it is noted, and the event that tells of it stored, once. `only_if` leaves all others alone: `leaving`, those of which the
-- device is to be taken off the account; `expired`, those of which it is no longer.
create or replace function public.wipe_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_epoch constant bigint := (p ->> 'epoch')::bigint;
  v_has_event constant boolean := coalesce(jsonb_typeof(p -> 'event'), 'null') = 'object';
  v_instance public.whatsapp_instances;
  v_event jsonb;
begin
  -- First the organization, then the instance: the order of everybody who locks both. Messages on their way out end with it, and
  -- events tell of them.
  perform 1 from public.organizations o
    where o.id = (select i.organization_id from public.whatsapp_instances i where i.id = v_id)
    for no key update;
  select * into v_instance from public.whatsapp_instances where id = v_id for no key update;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  if v_instance.lease_epoch <> v_epoch then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_id)::text;
  end if;
  if p ->> 'only_if' = 'leaving' and v_instance.logout_expires_at is null
    or p ->> 'only_if' = 'expired' and coalesce(v_instance.logout_expires_at > now(), true)
  then
    return '{"event": null}'::jsonb;
  end if;
  delete from public.whatsapp_session_keys where instance_id = v_id;
  delete from public.data_keys where instance_id = v_id and purpose = 'session';
  update public.whatsapp_instances
    set session_data = null, account_phone = null, account_lid = null, restriction = null, status = 'disconnected',
      desired_state = 'stopped', lease_epoch = lease_epoch + 1, lease_owner = null, lease_expires_at = null,
      deleted_at = case when (p ->> 'deleted')::boolean then coalesce(deleted_at, now()) else deleted_at end,
      last_disconnect_reason = coalesce(p ->> 'reason', last_disconnect_reason)
    where id = v_id;
  if v_instance.logout_expires_at is not null then
    update public.whatsapp_instances
      set logout_expires_at = null, logout_ended_at = now(), logout_result = coalesce(p ->> 'logout', 'unconfirmed')
      where id = v_id;
    perform public.begin_audit(jsonb_build_object('organization_id', v_instance.organization_id, 'actor_kind', 'service',
      'actor_id', 'service', 'actor_name', 'service', 'action', 'device logout', 'object_type', 'instances', 'object_id', v_id,
      'outcome', case when p ->> 'logout' in ('confirmed', 'already_unlinked', 'banned', 'not_linked')
        then 'done' else 'failed' end,
      'details', jsonb_build_object('result', coalesce(p ->> 'logout', 'unconfirmed'))));
    if v_has_event then
      v_event := public.append_event(v_instance.organization_id, v_id, p -> 'event');
    end if;
  end if;
  perform public.shred_drained_keys(jsonb_build_object('instance_id', v_id));
  return jsonb_build_object('event', v_event);
end
$$;

create or replace function public.release_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.whatsapp_instances set lease_owner = null, lease_expires_at = null
    where id = (p ->> 'instance_id')::uuid and lease_epoch = (p ->> 'epoch')::bigint;
  return jsonb_build_object('released', found);
end
$$;

revoke execute on function
  public.acquire_session(jsonb), public.read_session_keys(jsonb), public.check_epochs(jsonb),
  public.owner_addresses(text[]), public.commit_session_batch(jsonb), public.wipe_session(jsonb),
  public.release_session(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.acquire_session(jsonb), public.read_session_keys(jsonb), public.check_epochs(jsonb),
  public.owner_addresses(text[]), public.commit_session_batch(jsonb), public.wipe_session(jsonb),
  public.release_session(jsonb)
  to service_role;

-- `commit_session_batch`, with its argument as base64: a firewall that takes what somebody wrote for an attack finds
-- nothing in it.
create or replace function public.commit_encoded_batch(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return public.commit_session_batch(convert_from(decode(p ->> 'batch', 'base64'), 'UTF8')::jsonb);
end
$$;
revoke execute on function public.commit_encoded_batch(jsonb) from public, anon, authenticated;
grant execute on function public.commit_encoded_batch(jsonb) to service_role;
