-- Who is asked to be a member.

-- Users who are asked to be members, and are none before they accept. Nobody but the service reads this.
create table if not exists public.organization_invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  role text not null check (role in ('owner', 'agent', 'viewer')),
  -- Who asks, as { kind, id, name }.
  created_by jsonb not null check (created_by ?& '{kind,id,name}'),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- Kept until it expires: so long the user is not asked again.
  declined_at timestamptz,
  unique (organization_id, user_id)
);
create index if not exists idx_organization_invitations_user on public.organization_invitations (user_id);
create index if not exists idx_organization_invitations_by on public.organization_invitations ((created_by ->> 'id'));
alter table public.organization_invitations enable row level security;
revoke all on public.organization_invitations from public, anon, authenticated;
grant select, insert, update, delete on public.organization_invitations to service_role;

create or replace trigger require_open_organization before insert on public.organization_invitations
  for each row execute function public.require_open_organization();

-- An invitation as lists show it.
create or replace function public.invitation_view(p_invitation public.organization_invitations) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_invitation)
    || jsonb_build_object('organization_name', (select o.name from public.organizations o where o.id = p_invitation.organization_id))
$$;

-- Asks a user to be a member, or once more, with the role of this time. The caller has locked the organization.
create or replace function public.invite_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_user_id constant uuid := (p ->> 'user_id')::uuid;
  v_invitation public.organization_invitations;
begin
  perform pg_advisory_xact_lock(hashtextextended('invited:' || v_user_id, 0));
  delete from public.organization_invitations i
    where (i.organization_id = v_organization_id or i.user_id = v_user_id) and i.expires_at <= now();
  if exists (select from public.organization_invitations i
      where i.organization_id = v_organization_id and i.user_id = v_user_id and i.declined_at is not null) then
    raise exception using errcode = 'AZ410', message = 'invitation_declined';
  end if;
  if (select count(*) >= 100 from public.organization_invitations i
      where i.organization_id = v_organization_id and i.user_id <> v_user_id) then
    raise exception using errcode = 'AZ410', message = 'too_many_invitations';
  end if;
  if (select count(*) >= 20 from public.organization_invitations i
      where i.user_id = v_user_id and i.organization_id <> v_organization_id and i.declined_at is null) then
    raise exception using errcode = 'AZ410', message = 'user_has_too_many_invitations';
  end if;
  insert into public.organization_invitations as i (organization_id, user_id, role, created_by, expires_at)
    values (v_organization_id, v_user_id, p ->> 'role', p -> 'by', now() + interval '14 days')
    on conflict (organization_id, user_id) do update
      set role = excluded.role, created_by = excluded.created_by, expires_at = excluded.expires_at
    returning i.* into v_invitation;
  return jsonb_build_object('invitation', public.invitation_view(v_invitation));
end
$$;

-- What waits for a user's answer, the newest first: twenty or so at most.
create or replace function public.invitations_of(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(public.invitation_view(i) order by i.created_at desc, i.id), '[]')
  from public.organization_invitations i
  join public.organizations o on o.id = i.organization_id
  where i.user_id = (p ->> 'user_id')::uuid and i.declined_at is null and i.expires_at > now() and o.closed_at is null
$$;

-- The user's answer: with `accept` the user is a member from now on. Null where nothing waits for it.
create or replace function public.answer_invitation(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_invitation public.organization_invitations;
begin
  select i.* into v_invitation from public.organization_invitations i
    where i.id = (p ->> 'id')::uuid and i.user_id = (p ->> 'user_id')::uuid;
  if not found then
    return null;
  end if;
  perform public.lock_to_count(v_invitation.organization_id);
  select i.* into v_invitation from public.organization_invitations i
    where i.id = v_invitation.id and i.declined_at is null and i.expires_at > now() for update;
  if not found then
    return null;
  end if;
  if (p ->> 'accept')::boolean then
    insert into public.organization_members (organization_id, user_id, role)
      values (v_invitation.organization_id, v_invitation.user_id, v_invitation.role)
      on conflict (organization_id, user_id) do nothing;
    delete from public.organization_invitations i where i.id = v_invitation.id;
  else
    update public.organization_invitations i set declined_at = now() where i.id = v_invitation.id;
  end if;
  return public.invitation_view(v_invitation);
end
$$;

-- Takes an invitation back that nobody answered; null where there is none.
create or replace function public.withdraw_invitation(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_invitation public.organization_invitations;
begin
  delete from public.organization_invitations i
    where i.id = (p ->> 'id')::uuid and i.organization_id = p ->> 'organization_id' and i.declined_at is null
      and i.expires_at > now()
    returning i.* into v_invitation;
  return case when found then public.invitation_view(v_invitation) end;
end
$$;

-- Those whom somebody asked who may ask nobody any more, unless they answered.
create or replace function public.withdraw_invitations_by(p_kind text, p_ids text[], p_organization_id text) returns void
  language sql
  set search_path = ''
as $$
  delete from public.organization_invitations i
    where i.created_by ->> 'id' = any (p_ids) and i.created_by ->> 'kind' = p_kind and i.declined_at is null
      and (p_organization_id is null or i.organization_id = p_organization_id)
$$;

revoke execute on function
  public.invitation_view(public.organization_invitations), public.invite_member(jsonb), public.invitations_of(jsonb),
  public.answer_invitation(jsonb), public.withdraw_invitation(jsonb), public.withdraw_invitations_by(text, text[], text)
  from public, anon, authenticated;
grant execute on function
  public.invitation_view(public.organization_invitations), public.invite_member(jsonb), public.invitations_of(jsonb),
  public.answer_invitation(jsonb), public.withdraw_invitation(jsonb), public.withdraw_invitations_by(text, text[], text)
  to service_role;
