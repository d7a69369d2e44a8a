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
  -- Who made it, as { kind, id, name }; null where that was not noted. No reference: rows outlive what they tell of.
  created_by jsonb check (created_by ?& '{kind,id,name}'),
  constraint api_keys_scopes check (
    case when organization_id is null then scopes = '{admin}'
      else cardinality(scopes) > 0 and scopes <@ '{read,send,manage}' end
  )
);
comment on column public.api_keys.key_hash is 'HMAC-SHA-256 of the key, under a secret of this deployment';
create index if not exists idx_api_keys_organization on public.api_keys (organization_id, created_at desc);
create index if not exists idx_api_keys_replaced_by on public.api_keys (replaced_by) where replaced_by is not null;
create index if not exists idx_api_keys_created_by on public.api_keys ((created_by ->> 'id')) where created_by is not null;
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

-- A key as lists show it.
create or replace function public.api_key_view(p_key public.api_keys) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_key) - 'key_hash'
$$;

-- What a member may do.
create or replace function public.scopes_of_role(p_role text) returns text[]
  language sql immutable
  set search_path = ''
as $$
  select case p_role when 'owner' then '{read,send,manage}' when 'agent' then '{read,send}' else '{read}' end::text[]
$$;

-- Nobody hands on more than they hold: when what they hand on ends for themselves; null where it does not. Whoever it is keeps
-- holding it until this is stored. Refused with AZ403. The caller has locked the organization.
create or replace function public.end_of_held(p_by jsonb, p_organization_id text, p_scopes text[]) returns timestamptz
  language plpgsql
  set search_path = ''
as $$
declare
  v_key public.api_keys;
  v_role text;
  v_is_held boolean := true;
begin
  if p_by ->> 'kind' = 'api-key' then
    select k.* into v_key from public.api_keys k where k.id = (p_by ->> 'id')::uuid for share;
    v_is_held := found and public.is_usable(v_key)
      and (v_key.organization_id is null or v_key.organization_id is not distinct from p_organization_id and v_key.scopes @> p_scopes);
  elsif p_by ->> 'kind' = 'user' then
    select m.role into v_role from public.organization_members m
      where m.organization_id = p_organization_id and m.user_id = (p_by ->> 'id')::uuid for share;
    v_is_held := found and public.scopes_of_role(v_role) @> p_scopes;
  end if;
  if not v_is_held then
    raise exception using errcode = 'AZ403', message = 'scope_not_held';
  end if;
  return v_key.expires_at;
end
$$;

-- The end of a new key: what was asked for, as far as whoever makes it gets there, and in a year that everybody can write.
create or replace function public.end_of_new_key(p_asked timestamptz, p_usual timestamptz, p_held timestamptz) returns timestamptz
  language plpgsql stable
  set search_path = ''
as $$
begin
  if p_asked > p_held then
    raise exception using errcode = 'AZ403', message = 'expiry_not_held';
  end if;
  return least(coalesce(p_asked, case when p_usual is not null then least(p_usual, '9999-01-01 00:00:00+00') end), p_held);
end
$$;

create or replace function public.create_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_scopes constant text[] := array(select jsonb_array_elements_text(p -> 'scopes'));
  v_place constant text := coalesce(p ->> 'organization_id', '*');
  v_key public.api_keys;
  v_held timestamptz;
  v_known public.idempotency_keys;
begin
  perform public.lock_to_count(p ->> 'organization_id');
  v_known := public.begin_once(v_place, p -> 'once');
  if v_known.object_id is not null then
    select * into v_key from public.api_keys k where k.id = v_known.object_id::uuid;
    return public.api_key_view(v_key) || public.replay_view(v_known);
  end if;
  v_held := public.end_of_held(p -> 'by', p ->> 'organization_id', v_scopes);
  insert into public.api_keys (organization_id, name, prefix, key_hash, scopes, expires_at, created_by)
    values (p ->> 'organization_id', p ->> 'name', p ->> 'prefix', decode(p ->> 'key_hash', 'base64'), v_scopes,
      public.end_of_new_key((p ->> 'expires_at')::timestamptz, null, v_held), nullif(p -> 'by', 'null'))
    returning * into v_key;
  perform public.end_once(v_place, p -> 'once', v_key.id::text);
  return public.api_key_view(v_key);
end
$$;

-- A new key takes the place of one, which lives on for a while; one that ends at once leaves its place to the new one. Null when
-- there is no such key; a key that is revoked, past its end or rotated already stays as it is. A key that rotates itself was made by
-- whoever made it before: the holder is the same.
create or replace function public.rotate_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_by constant jsonb := nullif(p -> 'by', 'null');
  v_id constant uuid := (p ->> 'id')::uuid;
  v_by_id constant uuid := case when v_by ->> 'kind' = 'api-key' then (v_by ->> 'id')::uuid end;
  v_old public.api_keys;
  v_new public.api_keys;
  v_held timestamptz;
  v_place constant text := coalesce(p ->> 'organization_id', '*');
  v_known public.idempotency_keys;
begin
  perform public.lock_to_count(p ->> 'organization_id');
  v_known := public.begin_once(v_place, p -> 'once');
  if v_known.object_id is not null then
    select * into v_new from public.api_keys k where k.id = v_known.object_id::uuid;
    return public.api_key_view(v_new) || public.replay_view(v_known);
  end if;
  -- In one order: of two keys that rotate each other neither waits for the other.
  perform 1 from public.api_keys k
    where k.id in (v_id, v_by_id)
    order by k.id for update;
  select k.* into v_old from public.api_keys k
    where k.id = v_id and k.organization_id is not distinct from p ->> 'organization_id';
  if not found then
    return null;
  end if;
  if v_old.replaced_by is not null or not public.is_usable(v_old) then
    return jsonb_build_object('id', null);
  end if;
  v_held := public.end_of_held(v_by, v_old.organization_id, v_old.scopes);
  update public.api_keys k
    set expires_at = least(k.expires_at, now() + make_interval(secs => (p ->> 'overlap_seconds')::double precision))
    where k.id = v_old.id;
  insert into public.api_keys (organization_id, name, prefix, key_hash, scopes, expires_at, created_by)
    values (v_old.organization_id, v_old.name, p ->> 'prefix', decode(p ->> 'key_hash', 'base64'), v_old.scopes,
      public.end_of_new_key((p ->> 'expires_at')::timestamptz, now() + (v_old.expires_at - v_old.created_at), v_held),
      case when v_by_id = v_old.id then v_old.created_by else v_by end)
    returning * into v_new;
  update public.api_keys k set replaced_by = v_new.id where k.id = v_old.id;
  perform public.end_once(v_place, p -> 'once', v_new.id::text);
  return public.api_key_view(v_new);
end
$$;

-- Those of the keys whose holder may do no more with them: they ended, or were replaced and end soon, and none that stays took
-- their place by itself. `p_within`: scopes that may stay.
create or replace function public.keys_at_an_end(p_keys uuid[], p_within text[]) returns uuid[]
  language sql stable
  set search_path = ''
as $$
  with recursive staying as (
    select k.id, k.created_by from public.api_keys k
    where k.id = any (p_keys) and public.is_usable(k) and k.replaced_by is null
    union
    select o.id, o.created_by
    from staying s
    join public.api_keys o on o.replaced_by = s.id and o.created_by is not distinct from s.created_by
  )
  select array(
    select k.id from public.api_keys k
    where k.id = any (p_keys) and not (k.scopes <@ p_within) and k.id not in (select s.id from staying s)
  )
$$;

-- Ends the keys that somebody made, those that these made, and so on; a key also answers for those of which it took the place by
-- itself. `p`: `user_id` in `organization_id`, or `key_id`; `keys`: revoke, keep or all; `within`: scopes that may stay;
-- `by`: who asks for it. Says which usable ones ended, and which stay: a hundred of each at most.
create or replace function public.end_keys_made(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_by constant jsonb := nullif(p -> 'by', 'null');
  v_within constant text[] := array(select jsonb_array_elements_text(coalesce(p -> 'within', '[]')));
  v_makers uuid[] := array_remove(array[(p ->> 'key_id')::uuid], null);
  v_made uuid[] := array[]::uuid[];
  v_older uuid[];
  v_next uuid[];
  v_ended uuid[];
  v_key public.api_keys;
  v_revoked jsonb := '[]'::jsonb;
  v_kept jsonb := '[]'::jsonb;
begin
  if p ->> 'user_id' is not null then
    v_made := array(
      select k.id from public.api_keys k
      where k.organization_id = p ->> 'organization_id'
        and k.created_by ->> 'id' = p ->> 'user_id' and k.created_by ->> 'kind' = 'user'
      order by k.id for update
    );
    v_makers := v_made;
  end if;
  loop
    v_older := array(
      select o.id from public.api_keys o join public.api_keys n on n.id = o.replaced_by
      where n.id = any (v_makers) and not o.id = any (v_makers) and o.created_by is not distinct from n.created_by
    );
    v_makers := v_makers || v_older;
    v_next := array(
      select k.id from public.api_keys k
      where k.created_by ->> 'id' = any (v_makers::text[]) and k.created_by ->> 'kind' = 'api-key' and not k.id = any (v_made)
        and k.id is distinct from (p ->> 'key_id')::uuid
      order by k.id for update
    );
    exit when v_older = '{}' and v_next = '{}';
    v_made := v_made || v_next;
    v_makers := v_makers || v_next;
  end loop;

  v_ended := array(
    select k.id from public.api_keys k
    where k.id = any (v_made) and public.is_usable(k) and not (k.scopes <@ v_within)
      and (p ->> 'keys' = 'all'
        or p ->> 'keys' = 'revoke' and (k.organization_id is null or p ->> 'organization_id' is not null))
  );
  if v_by ->> 'kind' = 'api-key' and v_by ->> 'id' = any (v_ended::text[]) then
    raise exception using errcode = 'AZ410', message = 'api_key_in_use';
  end if;
  update public.api_keys k set revoked_at = now() where k.id = any (v_ended);
  perform public.withdraw_invitations_by('api-key', public.keys_at_an_end(v_makers, v_within)::text[], null);
  for v_key in
    select k.* from public.api_keys k
    where k.id = any (v_ended) or k.id = any (v_made) and public.is_usable(k)
    order by k.created_at desc, k.id
  loop
    if v_key.revoked_at is null then
      v_kept := v_kept || case when jsonb_array_length(v_kept) < 100 then public.api_key_view(v_key) else '[]' end;
    else
      v_revoked := v_revoked || case when jsonb_array_length(v_revoked) < 100 then public.api_key_view(v_key) else '[]' end;
      perform public.begin_audit(jsonb_build_object('actor_kind', coalesce(v_by ->> 'kind', 'operator'),
        'actor_id', coalesce(v_by ->> 'id', 'unknown'), 'actor_name', coalesce(v_by ->> 'name', 'unknown'),
        'action', 'api key ended with its maker', 'organization_id', v_key.organization_id,
        'object_type', 'api-keys', 'object_id', v_key.id, 'outcome', 'done'));
    end if;
  end loop;
  return jsonb_build_object('revoked', v_revoked, 'kept', v_kept);
end
$$;

-- Ends a key, and by `keys` what it made.
create or replace function public.revoke_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  perform public.lock_to_count(p ->> 'organization_id');
  update public.api_keys k set revoked_at = coalesce(k.revoked_at, now())
    where k.id = (p ->> 'id')::uuid and k.organization_id is not distinct from p ->> 'organization_id';
  if not found then
    return jsonb_build_object('found', false);
  end if;
  return jsonb_build_object('found', true) || public.end_keys_made(p || jsonb_build_object('key_id', p ->> 'id'));
end
$$;

revoke execute on function
  public.keep_service_secret(jsonb), public.is_usable(public.api_keys), public.api_key_grant(public.api_keys),
  public.authenticate_api_key(jsonb), public.usable_api_keys(jsonb), public.has_usable_api_key(jsonb),
  public.api_key_view(public.api_keys), public.scopes_of_role(text), public.end_of_held(jsonb, text, text[]),
  public.end_of_new_key(timestamptz, timestamptz, timestamptz), public.create_api_key(jsonb), public.rotate_api_key(jsonb),
  public.keys_at_an_end(uuid[], text[]), public.end_keys_made(jsonb), public.revoke_api_key(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.keep_service_secret(jsonb), public.is_usable(public.api_keys), public.api_key_grant(public.api_keys),
  public.authenticate_api_key(jsonb), public.usable_api_keys(jsonb), public.has_usable_api_key(jsonb),
  public.api_key_view(public.api_keys), public.scopes_of_role(text), public.end_of_held(jsonb, text, text[]),
  public.end_of_new_key(timestamptz, timestamptz, timestamptz), public.create_api_key(jsonb), public.rotate_api_key(jsonb),
  public.keys_at_an_end(uuid[], text[]), public.end_keys_made(jsonb), public.revoke_api_key(jsonb)
  to service_role;
