-- Data keys: what an instance or an organization stores is sealed by a key of its own, and only that key is sealed by
-- SESSION_ENCRYPTION_KEY. Whoever deletes the row of a data key makes everything unreadable that it sealed.

create table public.data_keys (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  -- Null for the organization's own.
  instance_id uuid references public.whatsapp_instances (id) on delete cascade,
  -- `session`: credentials and Signal keys. `inbox`: bodies of received messages, which may outlive the session.
  purpose text not null check (purpose in ('session', 'inbox', 'organization')),
  -- Named by what it seals: byte 1 of a value is 2, bytes 2 to 5 are this.
  key_id bytea not null check (octet_length(key_id) = 4),
  -- The key itself, sealed by the service; bytes 2 to 5 name the key of SESSION_ENCRYPTION_KEY that did it.
  wrapped bytea not null,
  -- Null for the one that seals; others only open.
  retired_at timestamptz,
  created_at timestamptz not null default now(),
  check ((instance_id is null) = (purpose = 'organization'))
);
create unique index data_keys_current_of_instance on public.data_keys (instance_id, purpose)
  where retired_at is null and instance_id is not null;
create unique index data_keys_current_of_organization on public.data_keys (organization_id)
  where retired_at is null and instance_id is null;
create index idx_data_keys_instance on public.data_keys (instance_id, purpose);
create index idx_data_keys_organization on public.data_keys (organization_id);
create index idx_data_keys_master on public.data_keys (substr(wrapped, 2, 4), id);

alter table public.data_keys enable row level security;
revoke all on public.data_keys from anon, authenticated;
revoke all on sequence public.data_keys_id_seq from anon, authenticated;
grant select, insert, update, delete on public.data_keys to service_role;
grant usage, select on sequence public.data_keys_id_seq to service_role;

-- An owner's data keys for one purpose as [key id, wrapped, is current], those that only open included.
create function public.data_keys_of(p_instance_id uuid, p_purpose text) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select coalesce(jsonb_agg(jsonb_build_array(public.encode_base64(k.key_id), public.encode_base64(k.wrapped),
      k.retired_at is null) order by k.id), '[]')
    from public.data_keys k
    where k.instance_id = p_instance_id and k.purpose = p_purpose;
  end;

-- Makes this key the current one. The caller holds the lock on the instance's row and has raised its epoch, so that nobody
-- who seals with the one before can store anything any more.
create function public.replace_data_key(p_instance public.whatsapp_instances, p_purpose text, p_new jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update public.data_keys set retired_at = clock_timestamp()
    where instance_id = p_instance.id and purpose = p_purpose and retired_at is null;
  insert into public.data_keys (organization_id, instance_id, purpose, key_id, wrapped)
    values (p_instance.organization_id, p_instance.id, p_purpose, decode(p_new ->> 0, 'base64'),
      decode(p_new ->> 1, 'base64'));
end
$$;

-- Whether an instance needs a new data key: it has none, or one that an older key of SESSION_ENCRYPTION_KEY sealed.
-- One that a key sealed which the caller does not know stays: its values could not be opened any more.
create function public.needs_data_key(p_instance_id uuid, p_purpose text, p_master_ids jsonb) returns boolean
  language sql stable
  set search_path = ''
  begin atomic
    select coalesce((
      select min(m.position) > 1
      from public.data_keys k
      left join jsonb_array_elements_text(p_master_ids) with ordinality as m (id, position)
        on decode(m.id, 'base64') = substr(k.wrapped, 2, 4)
      where k.instance_id = p_instance_id and k.purpose = p_purpose and k.retired_at is null
    ), not exists (
      select from public.data_keys k
      where k.instance_id = p_instance_id and k.purpose = p_purpose and k.retired_at is null
    ));
  end;

-- As before, and the owner gets its data keys. `data_keys` brings new ones for where they are needed: the lock on the
-- instance's row makes one of two nodes the maker, and the raised epoch keeps the one before from sealing with another.
create or replace function public.acquire_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_limit constant int := 5000;
  v_instance public.whatsapp_instances;
  v_purpose text;
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
  if p -> 'data_keys' is not null then
    foreach v_purpose in array array['session', 'inbox'] loop
      if public.needs_data_key(v_id, v_purpose, p -> 'data_keys' -> 'master_ids') then
        perform public.replace_data_key(v_instance, v_purpose, p -> 'data_keys' -> v_purpose);
      end if;
    end loop;
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
    'keys_complete', v_count <= v_limit,
    'data_keys', jsonb_build_object('session', public.data_keys_of(v_id, 'session'),
      'inbox', public.data_keys_of(v_id, 'inbox'))
  );
end
$$;

-- Of instances that are deleted nothing received waits to be routed any more: their bodies become unreadable.
create function public.shred_drained_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_shredded int;
begin
  delete from public.data_keys k
    using public.whatsapp_instances i
    where i.id = k.instance_id and i.deleted_at is not null and k.purpose = 'inbox'
      and (p ->> 'instance_id' is null or i.id = (p ->> 'instance_id')::uuid)
      and not exists (select from public.inbox r where r.instance_id = i.id and r.state = 0);
  get diagnostics v_shredded = row_count;
  return jsonb_build_object('shredded', v_shredded);
end
$$;

-- As before, and the session's data key goes with what it sealed: copies of these rows open no more. A deleted instance's key
-- for received messages goes, too, once none of them waits.
create or replace function public.wipe_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_epoch constant bigint := (p ->> 'epoch')::bigint;
  v_current bigint;
begin
  select lease_epoch into v_current from public.whatsapp_instances where id = v_id for no key update;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  if v_current <> v_epoch then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_id)::text;
  end if;
  delete from public.whatsapp_session_keys where instance_id = v_id;
  delete from public.data_keys where instance_id = v_id and purpose = 'session';
  update public.whatsapp_instances
    set session_data = null, account_phone = null, account_lid = null, status = 'disconnected',
      desired_state = 'stopped', lease_epoch = lease_epoch + 1, lease_owner = null, lease_expires_at = null,
      deleted_at = case when (p ->> 'deleted')::boolean then now() else deleted_at end
    where id = v_id;
  perform public.shred_drained_keys(jsonb_build_object('instance_id', v_id));
  return '{}';
end
$$;

-- By instance, for one purpose.
create function public.read_data_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select coalesce(jsonb_agg(jsonb_build_array(w.id, public.data_keys_of(w.id::uuid, p ->> 'purpose'))), '[]')
    from jsonb_array_elements_text(p -> 'instance_ids') as w (id);
  end;

-- The organization's own keys. `new` becomes the current one, where it has none or an older key of SESSION_ENCRYPTION_KEY
-- wrapped it.
create function public.organization_data_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_keys jsonb;
begin
  if p -> 'new' is not null then
    update public.data_keys k set retired_at = clock_timestamp()
      where k.organization_id = p ->> 'organization_id' and k.instance_id is null and k.retired_at is null
        and (
          select min(m.position) > 1
          from jsonb_array_elements_text(p -> 'master_ids') with ordinality as m (id, position)
          where decode(m.id, 'base64') = substr(k.wrapped, 2, 4)
        );
    insert into public.data_keys (organization_id, purpose, key_id, wrapped)
      select o.id, 'organization', decode(p -> 'new' ->> 0, 'base64'), decode(p -> 'new' ->> 1, 'base64')
      from public.organizations o
      where o.id = p ->> 'organization_id'
      on conflict (organization_id) where retired_at is null and instance_id is null do nothing;
  end if;
  select coalesce(jsonb_agg(jsonb_build_array(public.encode_base64(k.key_id), public.encode_base64(k.wrapped),
      k.retired_at is null) order by k.id), '[]')
    into v_keys
    from public.data_keys k
    where k.organization_id = p ->> 'organization_id' and k.instance_id is null;
  return v_keys;
end
$$;

-- How many linked instances could not be run with these keys of SESSION_ENCRYPTION_KEY.
create function public.count_locked_sessions(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select to_jsonb(count(*))
    from public.whatsapp_instances i
    join public.data_keys k on k.instance_id = i.id and k.purpose = 'session' and k.retired_at is null
    where i.desired_state = 'running' and i.deleted_at is null and i.has_session
      and substr(k.wrapped, 2, 4) not in (select decode(m, 'base64') from jsonb_array_elements_text(p -> 'master_ids') m);
  end;

do $$
declare
  v_name text;
begin
  foreach v_name in array array[
    'data_keys_of(uuid, text)', 'replace_data_key(public.whatsapp_instances, text, jsonb)',
    'needs_data_key(uuid, text, jsonb)', 'shred_drained_keys(jsonb)',
    'read_data_keys(jsonb)', 'organization_data_keys(jsonb)', 'count_locked_sessions(jsonb)'
  ] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
