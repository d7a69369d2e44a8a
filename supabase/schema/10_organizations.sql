-- Tenants and their members.

create table if not exists public.organizations (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  name text not null default '',
  -- Last sequence in `events`; the lock on this row is what makes sequences gapless.
  event_seq bigint not null default 0,
  created_at timestamptz not null default now(),
  closed_at timestamptz
);
alter table public.organizations enable row level security;
revoke all on public.organizations from public, anon, authenticated;
grant select, insert, update, delete on public.organizations to service_role;
grant select on public.organizations to authenticated;

create table if not exists public.organization_members (
  organization_id text not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  role text not null default 'agent' check (role in ('owner', 'agent', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index if not exists idx_organization_members_user on public.organization_members (user_id);
alter table public.organization_members enable row level security;
revoke all on public.organization_members from public, anon, authenticated;
grant select, insert, update, delete on public.organization_members to service_role;
grant select on public.organization_members to authenticated;

-- Members of a closed organization see no more of it.
-- Security definer: a policy on `organization_members` that reads that table itself would never end.
create or replace function public.my_organizations() returns setof text
  language sql stable security definer
  set search_path = ''
as $$
  select m.organization_id from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id = auth.uid() and o.closed_at is null
$$;

-- Members read their organization's rows and nothing else; everything is written by the service. An array that is made once for
-- each query, which indexes on the organization can be searched with: with a subquery in its place, a query that names no
-- organization reads the rows of all of them to throw most of them away.
drop policy if exists members_read on public.organizations;
create policy members_read on public.organizations for select to authenticated
  using (id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.organization_members;
create policy members_read on public.organization_members for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- Nothing new for an organization that is closed. The lock waits for a closing that is under way.
create or replace function public.require_open_organization() returns trigger
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

create or replace trigger require_open_organization before insert on public.organization_members
  for each row execute function public.require_open_organization();

-- How much an organization may have, and that its members leave it an owner. What breaks a rule is refused with AZ410, whose
-- message is a code: the service has the sentence that callers get to read.

-- Makes everybody wait who counts what the organization has, or hands on rights in it; null stands for the whole service. The
-- organization is locked first, as everywhere.
create or replace function public.lock_to_count(p_organization_id text) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform 1 from public.organizations o where o.id = p_organization_id for share;
  perform pg_advisory_xact_lock(hashtextextended('counted:' || coalesce(p_organization_id, ''), 0));
end
$$;

create or replace function public.require_place() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_max constant int := tg_argv[0];
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
    when 'webhook_endpoints' then
      select count(*) into v_others from public.webhook_endpoints w where w.organization_id = new.organization_id;
    when 'calendar_feeds' then
      select count(*) into v_others from public.calendar_feeds f where f.organization_id = new.organization_id;
  end case;
  if v_others >= v_max then
    raise exception using errcode = 'AZ410', message = 'too_many_' || tg_argv[1];
  end if;
  return new;
end
$$;

create or replace trigger require_place before insert on public.organization_members
  for each row execute function public.require_place('1000', 'members');

-- Refuses what would take its last owner from an organization.
create or replace function public.require_other_owner(p jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform public.lock_to_count(p ->> 'organization_id');
  if (select coalesce(bool_or(m.user_id = (p ->> 'user_id')::uuid) and count(*) = 1, false)
      from public.organization_members m
      where m.organization_id = p ->> 'organization_id' and m.role = 'owner') then
    raise exception using errcode = 'AZ410', message = 'last_owner';
  end if;
end
$$;

-- Makes a user a member, or changes the role of one; with `invite` a user who is none is asked first. With `keep_owner`, not where
-- the organization would lose its last owner.
-- Whoever may do less now loses those of the own keys that may do more, unless `keys` says to keep them.
create or replace function public.put_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_scopes constant text[] := public.scopes_of_role(p ->> 'role');
  v_member public.organization_members;
begin
  perform public.lock_to_count(p ->> 'organization_id');
  if public.end_of_held(p -> 'by', p ->> 'organization_id', v_scopes) is not null then
    -- A membership does not end.
    raise exception using errcode = 'AZ403', message = 'expiry_not_held';
  end if;
  if (p ->> 'invite')::boolean and not exists (select from public.organization_members m
      where m.organization_id = p ->> 'organization_id' and m.user_id = (p ->> 'user_id')::uuid) then
    return public.invite_member(p);
  end if;
  if (p ->> 'keep_owner')::boolean and p ->> 'role' <> 'owner' then
    perform public.require_other_owner(p);
  end if;
  insert into public.organization_members as m (organization_id, user_id, role)
    values (p ->> 'organization_id', (p ->> 'user_id')::uuid, p ->> 'role')
    on conflict (organization_id, user_id) do update set role = excluded.role
    returning m.* into v_member;
  delete from public.organization_invitations i
    where i.organization_id = v_member.organization_id and i.user_id = v_member.user_id;
  if v_member.role <> 'owner' then
    perform public.withdraw_invitations_by('user', array[p ->> 'user_id'], v_member.organization_id);
  end if;
  return to_jsonb(v_member) || public.end_keys_made(p || jsonb_build_object('within', v_scopes));
end
$$;

-- Whether the user was a member; the own keys end with that, unless `keys` says to keep them. With `keep_owner`, as above.
create or replace function public.remove_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  perform public.lock_to_count(p ->> 'organization_id');
  if (p ->> 'keep_owner')::boolean then
    perform public.require_other_owner(p);
  end if;
  delete from public.organization_members m
    where m.organization_id = p ->> 'organization_id' and m.user_id = (p ->> 'user_id')::uuid;
  if not found then
    return jsonb_build_object('removed', false);
  end if;
  perform public.withdraw_invitations_by('user', array[p ->> 'user_id'], p ->> 'organization_id');
  return jsonb_build_object('removed', true) || public.end_keys_made(p);
end
$$;

-- In which organizations users are members, and as what.
create or replace function public.memberships_of(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('user_id', m.user_id, 'organization_id', m.organization_id,
      'role', m.role, 'is_closed', o.closed_at is not null)), '[]')
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id in (select jsonb_array_elements_text(p -> 'user_ids')::uuid)
$$;

-- Revokes its keys and takes nothing new from now on; its instances are for the service to log out, and their data keys go then.
-- What the organization's own data key sealed becomes unreadable.
create or replace function public.close_organization(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.organizations set closed_at = coalesce(closed_at, now()) where id = p ->> 'id';
  if not found then
    raise exception 'organization not found' using errcode = 'AZ404';
  end if;
  update public.api_keys set revoked_at = now() where organization_id = p ->> 'id' and revoked_at is null;
  delete from public.organization_invitations where organization_id = p ->> 'id';
  perform public.pause_webhook(w.id, 'organization_closed') from public.webhook_endpoints w where w.organization_id = p ->> 'id';
  delete from public.calendar_feeds where organization_id = p ->> 'id';
  delete from public.data_keys where organization_id = p ->> 'id' and instance_id is null;
  return '{}'::jsonb;
end
$$;

revoke execute on function
  public.my_organizations(), public.require_open_organization(), public.lock_to_count(text), public.require_place(),
  public.require_other_owner(jsonb), public.put_member(jsonb), public.remove_member(jsonb),
  public.memberships_of(jsonb), public.close_organization(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.my_organizations(), public.require_open_organization(), public.lock_to_count(text), public.require_place(),
  public.require_other_owner(jsonb), public.put_member(jsonb), public.remove_member(jsonb),
  public.memberships_of(jsonb), public.close_organization(jsonb)
  to service_role;
grant execute on function public.my_organizations() to authenticated;

-- Makes an organization, once under an idempotency key; null where there is one already.
create or replace function public.create_organization(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once('*', p -> 'once');
  v_organization public.organizations;
begin
  if v_known.object_id is not null then
    select * into v_organization from public.organizations o where o.id = v_known.object_id;
    return to_jsonb(v_organization) || public.replay_view(v_known);
  end if;
  insert into public.organizations (id, name) values (p ->> 'id', p ->> 'name')
    on conflict (id) do nothing
    returning * into v_organization;
  if not found then
    return null;
  end if;
  perform public.end_once('*', p -> 'once', v_organization.id);
  return to_jsonb(v_organization);
end
$$;
revoke execute on function public.create_organization(jsonb) from public, anon, authenticated;
grant execute on function public.create_organization(jsonb) to service_role;
