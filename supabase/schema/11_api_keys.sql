-- The ways to call in: API keys with scopes and an end, and secrets of the service itself.

create table if not exists public.api_keys (
  id uuid primary key default gen_random_uuid(),
  -- Null for a key of the whole service, which belongs to no organization and has the scope `admin` alone.
  organization_id text references public.organizations (id) on delete cascade,
  name text not null,
  -- First characters of the key, to recognize it in a list.
  prefix text not null,
  key_hash bytea not null unique,
  scopes text[] not null default '{}',
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  -- The key that took its place; it lives on until `expires_at`.
  replaced_by uuid references public.api_keys (id) on delete set null,
  constraint api_keys_scopes check (
    case when organization_id is null then scopes = '{admin}'
      else cardinality(scopes) > 0 and scopes <@ '{read,send,manage}' end
  )
);
comment on column public.api_keys.key_hash is 'HMAC-SHA-256 of the key, under a secret of this deployment';
create index if not exists idx_api_keys_organization on public.api_keys (organization_id, created_at desc);
create index if not exists idx_api_keys_replaced_by on public.api_keys (replaced_by) where replaced_by is not null;
alter table public.api_keys enable row level security;
revoke all on public.api_keys from public, anon, authenticated;
grant select, insert, update, delete on public.api_keys to service_role;

create or replace trigger require_open_organization before insert on public.api_keys
  for each row execute function public.require_open_organization();
create or replace trigger require_place before insert on public.api_keys
  for each row when (new.organization_id is not null) execute function public.require_place('100', 'api_keys');

-- Secrets that the service made for itself, sealed by it. Whoever rotates SESSION_ENCRYPTION_KEY seals them again.
create table if not exists public.service_secrets (
  name text primary key check (name ~ '^[a-z0-9-]{1,64}$'),
  value bytea not null,
  created_at timestamptz not null default now()
);
alter table public.service_secrets enable row level security;
revoke all on public.service_secrets from public, anon, authenticated;
grant select, insert, update, delete on public.service_secrets to service_role;

-- The secret of this name: the given one where there was none. All processes get the same.
create or replace function public.keep_service_secret(p jsonb) returns jsonb
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

create or replace function public.is_usable(p_key public.api_keys) returns boolean
  language sql stable
  set search_path = ''
as $$
  select p_key.revoked_at is null and (p_key.expires_at is null or p_key.expires_at > now())
$$;

-- What a key allows, as the service reads it.
create or replace function public.api_key_grant(p_key public.api_keys) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', p_key.id, 'name', p_key.name, 'organization_id', p_key.organization_id,
  'scopes', p_key.scopes, 'expires_at', p_key.expires_at)
$$;

-- Whose key this is: null for one that is unknown, revoked or past its end. Notes the use, once a minute at most.
create or replace function public.authenticate_api_key(p jsonb) returns jsonb
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

-- Those of the keys that may still be used.
create or replace function public.usable_api_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(public.api_key_grant(k)), '[]')
  from public.api_keys k
  where k.id in (select jsonb_array_elements_text(p -> 'ids')::uuid) and public.is_usable(k)
$$;

-- Whether anybody could call with a key.
create or replace function public.has_usable_api_key(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('has', exists (select from public.api_keys k where public.is_usable(k)))
$$;

-- A new key takes the place of one, which lives on for a while; one that ends at once leaves its place to the new one. Null when
-- there is no such key; a key that is revoked, past its end or rotated already stays as it is.
create or replace function public.rotate_api_key(p jsonb) returns jsonb
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
  update public.api_keys k
    set expires_at = least(k.expires_at, now() + make_interval(secs => (p ->> 'overlap_seconds')::double precision))
    where k.id = v_old.id;
  insert into public.api_keys (organization_id, name, prefix, key_hash, scopes, expires_at)
    values (v_old.organization_id, v_old.name, p ->> 'prefix', decode(p ->> 'key_hash', 'base64'), v_old.scopes,
      coalesce((p ->> 'expires_at')::timestamptz, now() + (v_old.expires_at - v_old.created_at)))
    returning id into v_id;
  update public.api_keys k set replaced_by = v_id where k.id = v_old.id;
  return jsonb_build_object('id', v_id);
end
$$;

create or replace function public.revoke_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.api_keys k set revoked_at = coalesce(k.revoked_at, now())
    where k.id = (p ->> 'id')::uuid and k.organization_id is not distinct from p ->> 'organization_id';
  return jsonb_build_object('found', found);
end
$$;

revoke execute on function
  public.keep_service_secret(jsonb), public.is_usable(public.api_keys), public.api_key_grant(public.api_keys),
  public.authenticate_api_key(jsonb), public.usable_api_keys(jsonb), public.has_usable_api_key(jsonb),
  public.rotate_api_key(jsonb), public.revoke_api_key(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.keep_service_secret(jsonb), public.is_usable(public.api_keys), public.api_key_grant(public.api_keys),
  public.authenticate_api_key(jsonb), public.usable_api_keys(jsonb), public.has_usable_api_key(jsonb),
  public.rotate_api_key(jsonb), public.revoke_api_key(jsonb)
  to service_role;
