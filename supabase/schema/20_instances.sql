-- WhatsApp numbers.

create table if not exists public.whatsapp_instances (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id),
  instance_name text not null,
  phone_number text,
  status text not null default 'disconnected'
    check (status in ('connected', 'disconnected', 'connecting', 'qr_pending')),
  pairing_method text not null default 'code' check (pairing_method in ('code', 'qr')),
  -- Credentials, sealed by the service.
  session_data bytea,
  has_session boolean generated always as (session_data is not null) stored,
  -- The linked account; digits.
  account_phone text,
  account_lid text,
  last_connected_at timestamptz,
  last_disconnect_reason text,
  messages_sent_count bigint not null default 0,
  messages_received_count bigint not null default 0,
  desired_state text not null default 'stopped' check (desired_state in ('running', 'stopped')),
  lease_owner text,
  -- Raised by whoever takes the session over; a writer with another number is fenced.
  lease_epoch bigint not null default 0,
  lease_expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  -- Since when the device is to be taken off the account, and until when that is tried: null once it is over.
  logout_requested_at timestamptz,
  logout_expires_at timestamptz,
  logout_ended_at timestamptz,
  -- confirmed: by WhatsApp. already_unlinked: it knew the device no more. unconfirmed: by a process that did not wait for the answer.
  logout_result text check (logout_result in
    ('confirmed', 'already_unlinked', 'banned', 'not_linked', 'expired', 'session_unreadable', 'unconfirmed')),
  -- Whether a process that has room for it brings it on line: the one place where that is decided. by_itself: whoever ran it
  -- last was not done with it. when_asked: it was ended for a reason that only a person can change.
  resumes text generated always as (
    case
      when desired_state <> 'running' or deleted_at is not null or session_data is null then 'never'
      when status <> 'disconnected' or last_disconnect_reason in ('service_stopped', 'handed_over', 'storage_refused')
        then 'by_itself'
      else 'when_asked'
    end
  ) stored,
  -- What becomes of messages of the time before the link: `contacts` makes contacts of their authors, too.
  history_policy text not null default 'store' check (history_policy in ('ignore', 'store', 'contacts')),
  -- What WhatsApp limits of the account: `kind`, `reason`, `until`; null: nothing that is known.
  restriction jsonb,
  -- What becomes of messages that are written in groups.
  group_policy text not null default 'ignore' check (group_policy in ('ignore', 'store')),
  -- What rows of an instance refer to: one check for the instance and for its organization.
  unique (id, organization_id)
) with (fillfactor = 70);
create index if not exists idx_whatsapp_instances_organization
  on public.whatsapp_instances (organization_id, created_at desc, id desc);
create index if not exists idx_whatsapp_instances_resumable
  on public.whatsapp_instances (id) where resumes <> 'never';
-- What looks alive and may have nobody who runs it.
create index if not exists idx_whatsapp_instances_alive on public.whatsapp_instances (id) where status <> 'disconnected';
create index if not exists idx_whatsapp_instances_leaving on public.whatsapp_instances (id) where logout_expires_at is not null;
alter table public.whatsapp_instances enable row level security;
revoke all on public.whatsapp_instances from public, anon, authenticated;
grant select, insert, update, delete on public.whatsapp_instances to service_role;
-- No credentials and nothing about leases.
grant select (id, organization_id, instance_name, phone_number, status, pairing_method, has_session,
  account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
  messages_received_count, desired_state, history_policy, restriction, group_policy, created_at, updated_at, deleted_at)
  on public.whatsapp_instances to authenticated;
drop policy if exists members_read on public.whatsapp_instances;
create policy members_read on public.whatsapp_instances for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- A lease says nothing about the instance itself. Who writes the time itself, for each message, need not have it written.
create or replace trigger touch_updated_at before update of instance_name, phone_number, status, pairing_method, session_data,
    account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
    messages_received_count, desired_state, history_policy, restriction, group_policy, deleted_at
  on public.whatsapp_instances
  for each row when (new.updated_at is not distinct from old.updated_at) execute function public.touch_updated_at();
create or replace trigger require_open_organization before insert on public.whatsapp_instances
  for each row execute function public.require_open_organization();
create or replace trigger require_place before insert or update of deleted_at on public.whatsapp_instances
  for each row when (new.deleted_at is null) execute function public.require_place('1000', 'instances');

-- For one instance. Scans write the expression themselves: a function that sets its search path is never inlined, and would read
-- the credentials in each row that it is given.
create or replace function public.is_leased(p_instance public.whatsapp_instances) returns boolean
  language sql stable
  set search_path = ''
as $$
  select p_instance.lease_owner is not null and coalesce(p_instance.lease_expires_at > now(), false)
$$;

-- A deleted instance comes back, unless its device is still being taken off the account. The organization is locked first, as
-- everywhere.
create or replace function public.restore_instance(p jsonb) returns jsonb
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
  update public.whatsapp_instances
    set deleted_at = null, logout_requested_at = null, logout_ended_at = null, logout_result = null
    where id = (p ->> 'id')::uuid and deleted_at is not null and logout_expires_at is null;
  if not found and exists (
    select from public.whatsapp_instances i where i.id = (p ->> 'id')::uuid and i.logout_expires_at is not null
  ) then
    raise exception 'logout_pending' using errcode = 'AZ410';
  end if;
  return jsonb_build_object('restored', found);
end
$$;

-- Marks an instance as deleted and its device as to be taken off the account, for so many seconds; whoever runs it, or takes it
-- over, does it. Does nothing where that was asked for already.
create or replace function public.begin_logout(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.whatsapp_instances
    set deleted_at = now(), desired_state = 'stopped', logout_requested_at = now(),
      logout_expires_at = now() + make_interval(secs => (p ->> 'seconds')::double precision),
      logout_ended_at = null, logout_result = null
    where id = (p ->> 'instance_id')::uuid and deleted_at is null;
  return jsonb_build_object('begun', found);
end
$$;

create or replace function public.set_instance_status(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_epoch constant bigint := (p ->> 'epoch')::bigint;
  v_has_event boolean := coalesce(jsonb_typeof(p -> 'event'), 'null') = 'object';
  v_restriction constant jsonb := nullif(p -> 'restriction', 'null');
  v_organization_id text;
  v_current record;
begin
  select organization_id into v_organization_id from public.whatsapp_instances where id = v_id;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  -- First the organization, then the instance: the order of everybody who locks both.
  if v_has_event then
    perform 1 from public.organizations where id = v_organization_id for no key update;
  end if;
  select lease_epoch, restriction into v_current from public.whatsapp_instances where id = v_id for no key update;
  if v_current.lease_epoch <> v_epoch then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_id)::text;
  end if;
  -- Told when it begins, changes or ends.
  if p -> 'event' ->> 'name' = 'whatsapp:restricted' and v_current.restriction is not distinct from v_restriction then
    v_has_event := false;
  end if;
  update public.whatsapp_instances set
      status = coalesce(p ->> 'status', status),
      pairing_method = coalesce(p ->> 'pairing_method', pairing_method),
      desired_state = coalesce(p ->> 'desired_state', desired_state),
      phone_number = case when p ? 'phone_number' then p ->> 'phone_number' else phone_number end,
      account_phone = case when p ? 'account_phone' then p ->> 'account_phone' else account_phone end,
      account_lid = case when p ? 'account_lid' then p ->> 'account_lid' else account_lid end,
      last_connected_at = case when (p ->> 'last_connected_at')::boolean then now() else last_connected_at end,
      last_disconnect_reason = case when p ? 'reason' then p ->> 'reason' else last_disconnect_reason end,
      restriction = case when p ? 'restriction' then v_restriction else restriction end
    where id = v_id;
  return jsonb_build_object('event',
    case when v_has_event then public.append_event(v_organization_id, v_id, p -> 'event') end);
end
$$;

-- Closed organizations that still have an instance: whoever was closing them ended before all were logged out.
create or replace function public.unfinished_closings(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(u.id order by u.id), '[]')
  from (
    select o.id
    from public.organizations o
    where o.closed_at is not null and exists (
      select from public.whatsapp_instances i where i.organization_id = o.id and i.deleted_at is null
    )
    order by o.id
    limit 100
  ) u
$$;

revoke execute on function
  public.is_leased(public.whatsapp_instances), public.restore_instance(jsonb), public.begin_logout(jsonb),
  public.set_instance_status(jsonb), public.unfinished_closings(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.is_leased(public.whatsapp_instances), public.restore_instance(jsonb), public.begin_logout(jsonb),
  public.set_instance_status(jsonb), public.unfinished_closings(jsonb)
  to service_role;

-- An instance as the service reads it: everything but its credentials and who runs it.
create or replace function public.instance_view(i public.whatsapp_instances) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', i.id, 'organization_id', i.organization_id, 'instance_name', i.instance_name,
    'phone_number', i.phone_number, 'status', i.status, 'pairing_method', i.pairing_method,
    'account_phone', i.account_phone, 'account_lid', i.account_lid, 'last_connected_at', i.last_connected_at,
    'messages_sent_count', i.messages_sent_count, 'messages_received_count', i.messages_received_count,
    'desired_state', i.desired_state, 'history_policy', i.history_policy, 'restriction', i.restriction,
    'group_policy', i.group_policy,
    'has_session', i.has_session, 'resumes', i.resumes,
    'last_disconnect_reason', i.last_disconnect_reason,
    'created_at', i.created_at, 'updated_at', i.updated_at, 'deleted_at', i.deleted_at)
$$;
revoke execute on function public.instance_view(public.whatsapp_instances) from public, anon, authenticated;
grant execute on function public.instance_view(public.whatsapp_instances) to service_role;

-- Who calls, by the hash of a key or by the id of a user whose token was checked, and the instance that the call's path
-- names, unless it belongs to an organization of which the caller may not know. Notes the use of a key as
-- authenticate_api_key does.
create or replace function public.open_call(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_grant jsonb;
  v_memberships jsonb;
  v_known text[];
  v_instance jsonb;
begin
  if p ->> 'key_hash' is not null then
    v_grant := public.authenticate_api_key(p);
    if v_grant is null then
      return jsonb_build_object('grant', null, 'instance', null);
    end if;
    v_known := array[v_grant ->> 'organization_id'];
  else
    v_memberships := public.memberships_of(jsonb_build_object('user_ids', jsonb_build_array(p -> 'user_id')));
    v_known := array(
      select m ->> 'organization_id' from jsonb_array_elements(v_memberships) m where not (m ->> 'is_closed')::boolean
    );
  end if;
  select public.instance_view(i) into v_instance from public.whatsapp_instances i
    where i.id = (p ->> 'instance_id')::uuid
      -- A key of no organization is one of the whole service.
      and (i.organization_id = any (v_known) or v_grant is not null and v_grant ->> 'organization_id' is null);
  return jsonb_build_object('grant', v_grant, 'memberships', v_memberships, 'instance', v_instance);
end
$$;
revoke execute on function public.open_call(jsonb) from public, anon, authenticated;
grant execute on function public.open_call(jsonb) to service_role;

-- Makes an instance, once under an idempotency key.
-- It begins with what the organization has chosen for new ones.
create or replace function public.create_instance(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once(p ->> 'organization_id', p -> 'once');
  v_instance public.whatsapp_instances;
  v_settings public.organization_settings;
begin
  if v_known.object_id is not null then
    select * into v_instance from public.whatsapp_instances i where i.id = v_known.object_id::uuid;
    return to_jsonb(v_instance) || public.replay_view(v_known);
  end if;
  select * into v_settings from public.organization_settings s where s.organization_id = p ->> 'organization_id';
  insert into public.whatsapp_instances (organization_id, instance_name, phone_number, history_policy, group_policy)
    values (p ->> 'organization_id', p ->> 'instance_name', p ->> 'phone_number',
      coalesce(v_settings.history_policy, 'store'), coalesce(v_settings.group_policy, 'ignore'))
    returning * into v_instance;
  perform public.end_once(v_instance.organization_id, p -> 'once', v_instance.id::text);
  return to_jsonb(v_instance);
end
$$;
revoke execute on function public.create_instance(jsonb) from public, anon, authenticated;
grant execute on function public.create_instance(jsonb) to service_role;
