-- How much an organization may have, and that its members leave it an owner. What breaks a rule is refused with AZ410: its
-- detail is the code, its message the sentence that callers get to read.

-- Makes everybody wait who counts what the organization has. The organization is locked first, as everywhere.
create function public.lock_to_count(p_organization_id text) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform 1 from public.organizations o where o.id = p_organization_id for share;
  perform pg_advisory_xact_lock(hashtextextended('counted:' || p_organization_id, 0));
end
$$;

create function public.require_place() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_max constant int := tg_argv[0];
  v_things constant text := tg_argv[1];
  v_others bigint;
begin
  perform public.lock_to_count(new.organization_id);
  -- Others: a member who gets another role, and an instance that is there already, take no further place.
  case tg_table_name
    when 'api_keys' then
      select count(*) into v_others from public.api_keys k
        where k.organization_id = new.organization_id and public.is_usable(k);
    when 'organization_members' then
      select count(*) into v_others from public.organization_members m
        where m.organization_id = new.organization_id and m.user_id <> new.user_id;
    when 'whatsapp_instances' then
      select count(*) into v_others from public.whatsapp_instances i
        where i.organization_id = new.organization_id and i.id <> new.id and i.deleted_at is null;
  end case;
  if v_others >= v_max then
    raise exception 'The organization has % % already, which is the most that it may have.', v_max, v_things
      using errcode = 'AZ410', detail = 'too_many_' || replace(v_things, ' ', '_');
  end if;
  return new;
end
$$;
create trigger require_place before insert on public.api_keys
  for each row when (new.organization_id is not null) execute function public.require_place('100', 'api keys');
create trigger require_place before insert on public.organization_members
  for each row execute function public.require_place('1000', 'members');
create trigger require_place before insert or update of deleted_at on public.whatsapp_instances
  for each row when (new.deleted_at is null) execute function public.require_place('1000', 'instances');

-- Refuses what would take its last owner from an organization.
create function public.require_other_owner(p jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform public.lock_to_count(p ->> 'organization_id');
  if (select coalesce(bool_or(m.user_id = (p ->> 'user_id')::uuid) and count(*) = 1, false)
      from public.organization_members m
      where m.organization_id = p ->> 'organization_id' and m.role = 'owner') then
    raise exception 'The organization would have no owner: make another member one first, or ask an administrator.'
      using errcode = 'AZ410', detail = 'last_owner';
  end if;
end
$$;

-- Makes a user a member, or changes the role of one. With `keep_owner`, not where the organization would lose its last owner.
create function public.put_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_member public.organization_members;
begin
  if (p ->> 'keep_owner')::boolean and p ->> 'role' <> 'owner' then
    perform public.require_other_owner(p);
  end if;
  insert into public.organization_members as m (organization_id, user_id, role)
    values (p ->> 'organization_id', (p ->> 'user_id')::uuid, p ->> 'role')
    on conflict (organization_id, user_id) do update set role = excluded.role
    returning m.* into v_member;
  return to_jsonb(v_member);
end
$$;

-- Whether the user was a member. With `keep_owner`, as above.
create function public.remove_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  if (p ->> 'keep_owner')::boolean then
    perform public.require_other_owner(p);
  end if;
  delete from public.organization_members m
    where m.organization_id = p ->> 'organization_id' and m.user_id = (p ->> 'user_id')::uuid;
  return jsonb_build_object('removed', found);
end
$$;

-- As before, and a key that ends at once leaves its place to the new one.
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

revoke execute on function public.lock_to_count(text), public.require_place(), public.require_other_owner(jsonb),
  public.put_member(jsonb), public.remove_member(jsonb) from public, anon, authenticated;
grant execute on function public.lock_to_count(text), public.require_place(), public.require_other_owner(jsonb),
  public.put_member(jsonb), public.remove_member(jsonb) to service_role;
