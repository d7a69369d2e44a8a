-- Who did what to which object when. A row is written before the deed, and completed once after it: whatever was changed
-- has its row, also where the process died before the answer.
create table if not exists public.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  -- No reference: rows outlive what they tell of.
  organization_id text,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  action text not null,
  object_type text,
  object_id text,
  request_id text,
  address text,
  -- begun: how it ended was not noted, or is not known yet.
  outcome text not null default 'begun' check (outcome in ('begun', 'done', 'refused', 'failed')),
  -- HTTP status of the answer.
  status smallint,
  -- Names and numbers that say nothing about a person.
  details jsonb not null default '{}',
  -- Names the call that the entry is about, where it is stored together with the deed: it is there once, however often the deed
  -- is tried.
  call_id uuid
);
-- The log is read by time: what was done in a week of last year is found without reading everything since.
create index if not exists idx_audit_log_time on public.audit_log (at desc, id desc);
create index if not exists idx_audit_log_organization on public.audit_log (organization_id, at desc, id desc);
create index if not exists idx_audit_log_actor on public.audit_log (actor_id, at desc, id desc);
create index if not exists idx_audit_log_object on public.audit_log (object_id, at desc, id desc) where object_id is not null;
create unique index if not exists idx_audit_log_call on public.audit_log (call_id) where call_id is not null;
alter table public.audit_log enable row level security;
revoke all on public.audit_log from public, anon, authenticated, service_role;
grant select, insert on public.audit_log to service_role;
revoke all on sequence public.audit_log_id_seq from public, anon, authenticated;
grant usage, select on sequence public.audit_log_id_seq to service_role;

-- Also for whoever owns the table: a row is completed once, and goes only when its time is over.
create or replace function public.keep_audit_log() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' then
    if old.outcome = 'begun' and new.outcome <> 'begun'
      and (new.id, new.at, new.actor_kind, new.actor_id, new.actor_name, new.action, new.details)
        is not distinct from (old.id, old.at, old.actor_kind, old.actor_id, old.actor_name, old.action, old.details)
      and (new.object_type, new.request_id, new.address)
        is not distinct from (old.object_type, old.request_id, old.address)
      and (old.object_id is null or new.object_id = old.object_id)
      and (old.organization_id is null or new.organization_id = old.organization_id)
    then
      return new;
    end if;
  elsif tg_op = 'DELETE' then
    if old.at < public.retention_cutoff((public.retention_of(old.organization_id)).audit_days) then
      return old;
    end if;
  end if;
  raise exception 'the audit log is only added to' using errcode = '42501';
end
$$;

create or replace trigger keep_audit_log before update or delete on public.audit_log
  for each row execute function public.keep_audit_log();
create or replace trigger keep_audit_log_whole before truncate on public.audit_log
  for each statement execute function public.keep_audit_log();

-- Whose an object is, as far as the audit log has to know it.
create or replace function public.organization_of_object(p_type text, p_id text) returns text
  language sql stable
  set search_path = ''
as $$
  select case
    when p_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then null
    when p_type = 'instances' then (select i.organization_id from public.whatsapp_instances i where i.id = p_id::uuid)
    when p_type = 'contacts' then (select k.organization_id from public.contacts k where k.id = p_id::uuid)
    when p_type = 'notes' then (select n.organization_id from public.notes n where n.id = p_id::uuid)
    when p_type = 'erasures' then (select e.organization_id from public.erasures e where e.id = p_id::uuid)
    when p_type = 'invitations' then (select i.organization_id from public.organization_invitations i where i.id = p_id::uuid)
    when p_type = 'groups' then (select g.organization_id from public.groups g where g.id = p_id::uuid)
    when p_type = 'messages' then (select m.organization_id from public.messages m where m.id = p_id::uuid)
    when p_type = 'webhooks' then (select w.organization_id from public.webhook_endpoints w where w.id = p_id::uuid)
  end
$$;

-- `organizations`: those that the actor may know of; null for all. An object of another one stays nobody's here. What a user
-- answers to an invitation is no business of the organization that the user is in already.
create or replace function public.begin_audit(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id text := p ->> 'organization_id';
  v_known constant jsonb := nullif(p -> 'organizations', 'null');
  v_call_id constant uuid := (p ->> 'call_id')::uuid;
  v_id bigint;
begin
  if v_organization_id is null then
    v_organization_id := public.organization_of_object(p ->> 'object_type', p ->> 'object_id');
    if v_known is not null and not v_known ? v_organization_id then
      v_organization_id := null;
    end if;
  end if;
  if v_organization_id is null and jsonb_array_length(v_known) = 1 and p ->> 'object_type' is distinct from 'invitations' then
    v_organization_id := v_known ->> 0;
  end if;
  insert into public.audit_log (organization_id, actor_kind, actor_id, actor_name, action, object_type, object_id,
      request_id, address, outcome, status, details, call_id)
    values (v_organization_id, p ->> 'actor_kind', p ->> 'actor_id', p ->> 'actor_name', p ->> 'action',
      p ->> 'object_type', p ->> 'object_id', p ->> 'request_id', p ->> 'address', coalesce(p ->> 'outcome', 'begun'),
      (p ->> 'status')::smallint, coalesce(p -> 'details', '{}'), v_call_id)
    on conflict (call_id) where call_id is not null do nothing
    returning id into v_id;
  if v_id is null then
    select a.id into v_id from public.audit_log a where a.call_id = v_call_id;
  end if;
  return to_jsonb(v_id);
end
$$;

-- Security definer, as `apply_audit_retention`: nobody else may change or delete a row.
create or replace function public.finish_audit(p jsonb) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_finished int;
begin
  update public.audit_log a
    set outcome = e.outcome, status = e.status,
      object_id = coalesce(a.object_id, e.object_id),
      organization_id = coalesce(a.organization_id, e.organization_id)
    from jsonb_to_recordset(p -> 'items')
      as e (id bigint, outcome text, status smallint, object_id text, organization_id text)
    where a.id = e.id and a.outcome = 'begun';
  get diagnostics v_finished = row_count;
  return jsonb_build_object('finished', v_finished);
end
$$;

-- Of an organization, or where `organization_id` is null of what belongs to none; entries of others and younger ones are not
-- looked at, nor those that are younger than `min_days`. Security definer, as `finish_audit`.
create or replace function public.apply_audit_retention(p jsonb) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 5000);
  v_days constant int := (public.retention_of(v_organization_id)).audit_days;
  v_cutoff constant timestamptz := public.retention_cutoff(v_days + greatest(coalesce((p ->> 'min_days')::int, 0) - v_days, 0));
  v_ids bigint[];
begin
  if v_organization_id is null then
    v_ids := array(
      select o.id from public.audit_log o where o.organization_id is null and o.at < v_cutoff order by o.at limit v_limit
    );
  else
    v_ids := array(
      select o.id from public.audit_log o
      where o.organization_id = v_organization_id and o.at < v_cutoff
      order by o.at
      limit v_limit
    );
  end if;
  delete from public.audit_log a where a.id = any (v_ids);
  return jsonb_build_object('deleted', cardinality(v_ids));
end
$$;

revoke execute on function
  public.keep_audit_log(), public.organization_of_object(text, text), public.begin_audit(jsonb),
  public.finish_audit(jsonb), public.apply_audit_retention(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.keep_audit_log(), public.organization_of_object(text, text), public.begin_audit(jsonb),
  public.finish_audit(jsonb), public.apply_audit_retention(jsonb)
  to service_role;

-- Applies retention to organizations after `after`, in the order of their ids, for about a second. `swept`: what was done, by
-- organization. `after`: the last one that is done; `is_over`: there is none after it; `more`: the next one is not done yet.
-- `busy`: another process is at it.
create or replace function public.sweep_retention(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 5000);
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
  v_after text := coalesce(p ->> 'after', '');
  v_id text;
  v_step jsonb;
  v_deleted int;
  v_swept jsonb := '[]'::jsonb;
  v_has_more boolean := false;
  v_is_over boolean;
begin
  loop
    select o.id into v_id from public.organizations o where o.id > v_after order by o.id limit 1;
    v_is_over := not found;
    exit when v_is_over;
    v_step := public.apply_retention(jsonb_build_object('organization_id', v_id, 'limit', v_limit));
    if (v_step ->> 'busy')::boolean then
      return '{"busy": true}'::jsonb;
    end if;
    v_deleted := (public.apply_audit_retention(jsonb_build_object('organization_id', v_id, 'limit', v_limit,
      'min_days', p -> 'audit_min_days')) ->> 'deleted')::int;
    v_step := jsonb_set(v_step, '{counts}', public.add_count(v_step -> 'counts', 'audit', v_deleted));
    if exists (select from jsonb_each_text(v_step -> 'counts') c where c.value <> '0') then
      v_swept := v_swept || jsonb_build_array(jsonb_build_array(v_id, v_step -> 'counts'));
    end if;
    v_has_more := (v_step ->> 'more')::boolean or v_deleted = v_limit;
    exit when v_has_more;
    v_after := v_id;
    exit when clock_timestamp() > v_until;
  end loop;
  return jsonb_build_object('busy', false, 'more', v_has_more, 'is_over', v_is_over, 'after', v_after, 'swept', v_swept);
end
$$;
revoke execute on function public.sweep_retention(jsonb) from public, anon, authenticated;
grant execute on function public.sweep_retention(jsonb) to service_role;
