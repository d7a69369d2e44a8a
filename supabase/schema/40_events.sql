-- What is told to sockets and webhooks: gapless for each organization.
-- No reference to the organization: its sequence comes from the organization's row, so it is there.
create table if not exists public.events (
  organization_id text not null,
  sequence bigint not null,
  name text not null,
  payload jsonb not null,
  instance_id uuid,
  created_at timestamptz not null default now(),
  primary key (organization_id, sequence)
);
alter table public.events enable row level security;
revoke all on public.events from public, anon, authenticated;
grant select, insert, update, delete on public.events to service_role;
grant select on public.events to authenticated;
drop policy if exists members_read on public.events;
create policy members_read on public.events for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- Appends one event. The update's lock on the organization is what makes the sequence gapless.
create or replace function public.append_event(p_organization_id text, p_instance_id uuid, p_event jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_sequence bigint;
begin
  update public.organizations set event_seq = event_seq + 1 where id = p_organization_id
    returning event_seq into v_sequence;
  insert into public.events (organization_id, sequence, name, payload, instance_id)
    values (p_organization_id, v_sequence, p_event ->> 'name', p_event -> 'payload', p_instance_id);
  return jsonb_build_object('organization_id', p_organization_id, 'sequence', v_sequence,
    'name', p_event -> 'name', 'payload', p_event -> 'payload');
end
$$;

-- Appends events of any organizations, which the caller holds, in their order: each has `organization_id`, `instance_id`, `name` and
-- `payload`. Returns them as append_event does.
create or replace function public.append_events(p_events jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_stored jsonb;
begin
  with made as materialized (
    select e.place, e.event ->> 'organization_id' as organization_id, (e.event ->> 'instance_id')::uuid as instance_id,
      e.event ->> 'name' as name, e.event -> 'payload' as payload,
      row_number() over (partition by e.event ->> 'organization_id' order by e.place) as number
    from jsonb_array_elements(p_events) with ordinality as e (event, place)
  ), numbered as (
    update public.organizations o set event_seq = o.event_seq + c.events
      from (select m.organization_id, count(*) as events from made m group by m.organization_id) c
      where o.id = c.organization_id
      returning o.id, o.event_seq - c.events as base
  ), stored as (
    insert into public.events (organization_id, sequence, name, payload, instance_id)
      select m.organization_id, n.base + m.number, m.name, m.payload, m.instance_id
      from made m
      join numbered n on n.id = m.organization_id
  )
  select jsonb_agg(jsonb_build_object('organization_id', m.organization_id, 'sequence', n.base + m.number, 'name', m.name,
      'payload', m.payload) order by m.place)
    into v_stored
    from made m
    join numbered n on n.id = m.organization_id;
  return coalesce(v_stored, '[]');
end
$$;

-- Events of an organization after the sequence `after`, in sequence. As read_page, so it may be fewer than `limit`.
create or replace function public.list_events(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
  v_organization_id constant text := p ->> 'organization_id';
  v_after constant bigint := coalesce((p ->> 'after')::bigint, 0);
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 1001);
begin
  open v_page for
    select jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence, 'name', e.name, 'payload', e.payload)
    from public.events e
    where e.organization_id = v_organization_id and e.sequence > v_after
    order by e.sequence
    limit v_limit;
  return public.read_page(v_page);
end
$$;

-- How far the events of organizations have come: one call for all that somebody listens to.
create or replace function public.event_heads(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(o.id, o.event_seq)), '[]')
  from public.organizations o
  where o.id in (select jsonb_array_elements_text(p -> 'organization_ids'))
$$;

revoke execute on function
  public.append_event(text, uuid, jsonb), public.append_events(jsonb), public.list_events(jsonb),
  public.event_heads(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.append_event(text, uuid, jsonb), public.append_events(jsonb), public.list_events(jsonb),
  public.event_heads(jsonb)
  to service_role;
