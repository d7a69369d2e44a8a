-- Who may call: organizations that can be closed, API keys with scopes and an end, and secrets of the service itself.

alter table public.organizations add column closed_at timestamptz;

-- Of a key of the whole service, which belongs to no organization and has the scope `admin` alone.
alter table public.api_keys alter column organization_id drop not null;
alter table public.api_keys
  -- The key that took its place; it lives on until `expires_at`.
  add column replaced_by uuid references public.api_keys (id) on delete set null,
  add constraint api_keys_scopes check (
    case when organization_id is null then scopes = '{admin}'
      else cardinality(scopes) > 0 and scopes <@ '{read,send,manage}' end
  );
create index idx_api_keys_replaced_by on public.api_keys (replaced_by) where replaced_by is not null;
comment on column public.api_keys.key_hash is 'HMAC-SHA-256 of the key, under a secret of this deployment';

-- Secrets that the service made for itself, sealed by it. Whoever rotates SESSION_ENCRYPTION_KEY seals them again.
create table public.service_secrets (
  name text primary key check (name ~ '^[a-z0-9-]{1,64}$'),
  value bytea not null,
  created_at timestamptz not null default now()
);
alter table public.service_secrets enable row level security;
revoke all on public.service_secrets from anon, authenticated;
grant select, insert, update, delete on public.service_secrets to service_role;

-- The secret of this name: the given one where there was none. All processes get the same.
create function public.keep_service_secret(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_value bytea;
begin
  insert into public.service_secrets (name, value) values (p ->> 'name', decode(p ->> 'value', 'base64'))
    on conflict (name) do nothing;
  select s.value into v_value from public.service_secrets s where s.name = p ->> 'name';
  return jsonb_build_object('value', public.encode_base64(v_value));
end
$$;

-- Nothing new for an organization that is closed. The lock waits for a closing that is under way.
create function public.require_open_organization() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_is_closed boolean;
begin
  select o.closed_at is not null into v_is_closed
    from public.organizations o where o.id = new.organization_id for share;
  if v_is_closed then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  return new;
end
$$;
create trigger require_open_organization before insert on public.whatsapp_instances
  for each row execute function public.require_open_organization();
create trigger require_open_organization before insert on public.api_keys
  for each row execute function public.require_open_organization();
create trigger require_open_organization before insert on public.organization_members
  for each row execute function public.require_open_organization();

-- Members of a closed organization see no more of it.
create or replace function public.my_organizations() returns setof text
  language sql stable security definer
  set search_path = ''
as $$
  select m.organization_id from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id = auth.uid() and o.closed_at is null
$$;

-- A deleted instance comes back. The organization is locked first, as everywhere.
create function public.restore_instance(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id text;
  v_is_closed boolean;
begin
  select i.organization_id into v_organization_id from public.whatsapp_instances i where i.id = (p ->> 'id')::uuid;
  select o.closed_at is not null into v_is_closed
    from public.organizations o where o.id = v_organization_id for share;
  if v_is_closed then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  update public.whatsapp_instances set deleted_at = null where id = (p ->> 'id')::uuid;
  return jsonb_build_object('restored', found);
end
$$;

-- Revokes its keys and takes nothing new from now on; its instances are for the service to log out.
create function public.close_organization(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.organizations set closed_at = coalesce(closed_at, now()) where id = p ->> 'id';
  if not found then
    raise exception 'organization not found' using errcode = 'AZ404';
  end if;
  update public.api_keys set revoked_at = now() where organization_id = p ->> 'id' and revoked_at is null;
  return '{}';
end
$$;

create function public.is_usable(p_key public.api_keys) returns boolean
  language sql stable
  set search_path = ''
  return p_key.revoked_at is null and (p_key.expires_at is null or p_key.expires_at > now());

-- What a key allows, as the service reads it.
create function public.api_key_grant(p_key public.api_keys) returns jsonb
  language sql stable
  set search_path = ''
  return jsonb_build_object('id', p_key.id, 'name', p_key.name, 'organization_id', p_key.organization_id,
    'scopes', p_key.scopes, 'expires_at', p_key.expires_at);

-- Whose key this is: null for one that is unknown, revoked or past its end. Notes the use, once a minute at most.
create function public.authenticate_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_key public.api_keys;
begin
  select k.* into v_key from public.api_keys k
    where k.key_hash = decode(p ->> 'key_hash', 'base64') and public.is_usable(k);
  if not found then
    return null;
  end if;
  if v_key.last_used_at is null or v_key.last_used_at < now() - interval '1 minute' then
    begin
      update public.api_keys k set last_used_at = now()
        where k.id = v_key.id and k.last_used_at is not distinct from v_key.last_used_at;
    exception when disk_full or read_only_sql_transaction then
      null; -- Reading goes on where nothing can be written.
    end;
  end if;
  return public.api_key_grant(v_key);
end
$$;

-- In which organizations users are members, and as what.
create function public.memberships_of(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select coalesce(jsonb_agg(jsonb_build_object('user_id', m.user_id, 'organization_id', m.organization_id,
        'role', m.role, 'is_closed', o.closed_at is not null)), '[]')
    from public.organization_members m
    join public.organizations o on o.id = m.organization_id
    where m.user_id in (select jsonb_array_elements_text(p -> 'user_ids')::uuid);
  end;

-- Those of the keys that may still be used.
create function public.usable_api_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select coalesce(jsonb_agg(public.api_key_grant(k)), '[]')
    from public.api_keys k
    where k.id in (select jsonb_array_elements_text(p -> 'ids')::uuid) and public.is_usable(k);
  end;

-- Whether anybody could call with a key.
create function public.has_usable_api_key(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select jsonb_build_object('has', exists (select from public.api_keys k where public.is_usable(k)));
  end;

-- A new key takes the place of one, which lives on for a while. Null when there is no such key; a key that is revoked, past
-- its end or rotated already stays as it is.
create function public.rotate_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_old public.api_keys;
  v_id uuid;
begin
  -- As everywhere: the organization first.
  perform 1 from public.organizations o where o.id = p ->> 'organization_id' for share;
  select k.* into v_old from public.api_keys k
    where k.id = (p ->> 'id')::uuid and k.organization_id is not distinct from p ->> 'organization_id'
    for update;
  if not found then
    return null;
  end if;
  if v_old.replaced_by is not null or not public.is_usable(v_old) then
    return jsonb_build_object('id', null);
  end if;
  insert into public.api_keys (organization_id, name, prefix, key_hash, scopes, expires_at)
    values (v_old.organization_id, v_old.name, p ->> 'prefix', decode(p ->> 'key_hash', 'base64'), v_old.scopes,
      coalesce((p ->> 'expires_at')::timestamptz, now() + (v_old.expires_at - v_old.created_at)))
    returning id into v_id;
  update public.api_keys k
    set replaced_by = v_id,
      expires_at = least(k.expires_at, now() + make_interval(secs => (p ->> 'overlap_seconds')::double precision))
    where k.id = v_old.id;
  return jsonb_build_object('id', v_id);
end
$$;

create function public.revoke_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.api_keys k set revoked_at = coalesce(k.revoked_at, now())
    where k.id = (p ->> 'id')::uuid and k.organization_id is not distinct from p ->> 'organization_id';
  return jsonb_build_object('found', found);
end
$$;

do $$
declare
  v_name text;
begin
  foreach v_name in array array[
    'keep_service_secret(jsonb)', 'require_open_organization()', 'restore_instance(jsonb)',
    'close_organization(jsonb)', 'is_usable(public.api_keys)', 'api_key_grant(public.api_keys)',
    'authenticate_api_key(jsonb)', 'memberships_of(jsonb)', 'usable_api_keys(jsonb)', 'has_usable_api_key(jsonb)',
    'rotate_api_key(jsonb)', 'revoke_api_key(jsonb)'
  ] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
