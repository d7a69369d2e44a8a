-- How long an organization keeps what, and the sweep that holds it to that.

create table if not exists public.retention_settings (
  organization_id text primary key references public.organizations (id) on delete cascade,
  -- In days; null: for ever.
  messages_days int check (messages_days between 1 and 36500),
  notes_days int check (notes_days between 1 and 36500),
  bookings_days int check (bookings_days between 1 and 36500),
  -- What WhatsApp delivered, once it was processed.
  inbox_bodies_days int check (inbox_bodies_days between 1 and 36500),
  -- The rows without them. WhatsApp may deliver for a month what was not acknowledged: the rows know it again.
  inbox_days int check (inbox_days between 45 and 36500),
  events_days int check (events_days between 1 and 36500),
  audit_days int check (audit_days between 30 and 36500),
  updated_at timestamptz not null default now()
);

-- How far the bodies of an instance were taken out: what was received before needs no second look.
create table if not exists public.retention_progress (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  bodies_until timestamptz not null
);
alter table public.retention_settings enable row level security;
alter table public.retention_progress enable row level security;
revoke all on public.retention_settings, public.retention_progress from public, anon, authenticated;
grant select, insert, update, delete on public.retention_settings, public.retention_progress to service_role;

-- The settings of an organization that never made any.
create or replace function public.default_retention(p_organization_id text) returns public.retention_settings
  language sql stable
  set search_path = ''
as $$
  select row(p_organization_id, null, null, null, 30, 90, 90, 365, null)::public.retention_settings
$$;

create or replace function public.retention_of(p_organization_id text) returns public.retention_settings
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_settings public.retention_settings;
begin
  select * into v_settings from public.retention_settings where organization_id = p_organization_id;
  return case when found then v_settings else public.default_retention(p_organization_id) end;
end
$$;

create or replace function public.read_retention(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(public.retention_of(o.id)) from public.organizations o where o.id = p ->> 'organization_id'
$$;

-- Changes the settings that are named and keeps the others; null where there is no such organization.
create or replace function public.write_retention(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_settings public.retention_settings;
begin
  perform 1 from public.organizations where id = p ->> 'organization_id' for no key update;
  if not found then
    return null;
  end if;
  v_settings := jsonb_populate_record(public.retention_of(p ->> 'organization_id'), p -> 'changes');
  v_settings.organization_id := p ->> 'organization_id';
  v_settings.updated_at := now();
  delete from public.retention_settings where organization_id = v_settings.organization_id;
  insert into public.retention_settings select v_settings.*;
  return to_jsonb(v_settings);
end
$$;

-- Before this nothing of the kind is kept; null: everything is.
create or replace function public.retention_cutoff(p_days int) returns timestamptz
  language sql stable
  set search_path = ''
as $$
  select now() - make_interval(days => p_days)
$$;

-- The inbox of one instance. Rows that wait or that nobody could read are kept, however old: they are not done.
create or replace function public.apply_inbox_retention(p_instance_id uuid, p_settings public.retention_settings, p_limit int)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_bodies constant timestamptz := public.retention_cutoff(p_settings.inbox_bodies_days);
  v_from timestamptz;
  v_until timestamptz;
  v_ids bigint[];
  v_emptied int := 0;
  v_deleted int := 0;
  v_seen int := 0;
begin
  if v_bodies is not null then
    select r.bodies_until into v_from from public.retention_progress r where r.instance_id = p_instance_id;
    select array_agg(w.id) filter (where w.is_done), max(w.received_at), count(*)
      into v_ids, v_until, v_seen
      from (
        select i.id, i.received_at, i.state = 1 and i.body is not null as is_done
        from public.inbox i
        where i.instance_id = p_instance_id and i.received_at >= coalesce(v_from, '-infinity')
          and i.received_at < v_bodies
        order by i.received_at
        limit p_limit
      ) w;
    perform 1 from public.inbox i where i.id = any (v_ids) order by i.id for update;
    update public.inbox i set body = null where i.id = any (v_ids) and i.state = 1;
    get diagnostics v_emptied = row_count;
    -- More rows of one moment than are looked at in a step must not hold it up for ever.
    if v_seen = p_limit and v_until = v_from then
      update public.inbox i set body = null
        where i.instance_id = p_instance_id and i.received_at = v_until and i.state = 1 and i.body is not null;
      v_until := v_until + interval '1 microsecond';
    end if;
    if v_seen > 0 and v_until is distinct from v_from then
      insert into public.retention_progress (instance_id, bodies_until) values (p_instance_id, v_until)
        on conflict (instance_id) do update set bodies_until = excluded.bodies_until;
    end if;
  end if;

  with old as (
    select i.id
    from public.inbox i
    where i.instance_id = p_instance_id and i.received_at < public.retention_cutoff(p_settings.inbox_days)
      and i.state = 1
    order by i.received_at
    limit p_limit
  ), held as materialized (
    select i.id from public.inbox i where i.id in (select o.id from old o) order by i.id for update
  )
  delete from public.inbox i using held h where i.id = h.id;
  get diagnostics v_deleted = row_count;
  return jsonb_build_object('inbox_bodies', v_emptied, 'inbox', v_deleted,
    'more', v_seen = p_limit or v_deleted = p_limit);
end
$$;

-- One step for one organization: of each kind at most `limit` rows, the oldest first. `more`: another step finds more.
-- `busy`: another process is at it. Sends in doubt do not hold up what is younger, and expired requests go, too.
create or replace function public.apply_retention(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 5000);
  v_settings constant public.retention_settings := public.retention_of(v_organization_id);
  v_instance_id uuid;
  v_counts jsonb := '{}'::jsonb;
  v_step jsonb;
  v_rows int;
  v_more boolean := false;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('auzap retention', 0)) then
    return '{"busy": true}'::jsonb;
  end if;

  -- Sends in doubt are not over, and do not count.
  with old as (
    select w.id from (
      -- History and what was received since: each is in the order of its age, and young history hides nothing old.
      (
        select m.id, m.created_at from public.messages m
        where m.organization_id = v_organization_id and v_settings.messages_days is not null and m.ordinal < 0
        order by m.ordinal
        limit v_limit
      )
      union all
      (
        select m.id, m.created_at from public.messages m
        where m.organization_id = v_organization_id and v_settings.messages_days is not null and m.ordinal > 0
          and m.status not in ('pending', 'unknown')
        order by m.ordinal
        limit v_limit
      )
    ) w
    where w.created_at < public.retention_cutoff(v_settings.messages_days)
  ), held as materialized (
    select m.id from public.messages m where m.id in (select o.id from old o) order by m.id for update
  )
  delete from public.messages m using held h where m.id = h.id;
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'messages', v_rows);
  v_more := v_more or v_rows >= v_limit;

  delete from public.group_changes c
    where c.id in (
      select o.id from (
        select l.id, l.created_at from public.group_changes l
        where l.organization_id = v_organization_id and v_settings.messages_days is not null
        order by l.id
        limit v_limit
      ) o
      where o.created_at < public.retention_cutoff(v_settings.messages_days)
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'group_changes', v_rows);
  v_more := v_more or v_rows = v_limit;

  delete from public.notes n
    where n.id in (
      select w.id from (
        (
          select t.id, t.created_at from public.notes t
          where t.organization_id = v_organization_id and v_settings.notes_days is not null and t.ordinal < 0
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t.id, t.created_at from public.notes t
          where t.organization_id = v_organization_id and v_settings.notes_days is not null and t.ordinal > 0
          order by t.ordinal
          limit v_limit
        )
      ) w
      where w.created_at < public.retention_cutoff(v_settings.notes_days)
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'notes', v_rows);
  v_more := v_more or v_rows >= v_limit;

  delete from public.bookings b
    where b.id in (
      select t.id from public.bookings t
      where t.organization_id = v_organization_id
        and t.created_at < public.retention_cutoff(v_settings.bookings_days)
        and t.updated_at < public.retention_cutoff(v_settings.bookings_days)
        and (t.starts_at is null or coalesce(t.ends_at, t.starts_at) < public.retention_cutoff(v_settings.bookings_days))
      order by t.created_at
      limit v_limit
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'bookings', v_rows);
  v_more := v_more or v_rows = v_limit;

  -- Nothing asks for these again; who was greeted stays known.
  delete from public.automatic_replies a
    where (a.contact_id, a.occasion, a.subject) in (
      select t.contact_id, t.occasion, t.subject from public.automatic_replies t
      where t.organization_id = v_organization_id and t.occasion <> 'first_message'
        and t.created_at < public.retention_cutoff(90)
      order by t.created_at
      limit v_limit
    );
  get diagnostics v_rows = row_count;
  v_more := v_more or v_rows = v_limit;

  -- Always from the beginning, up to the first that is kept: what is left is gapless.
  with oldest as (
    select e.sequence, e.created_at from public.events e
    where e.organization_id = v_organization_id and v_settings.events_days is not null
    order by e.sequence
    limit v_limit
  )
  delete from public.events e
    using oldest o
    where e.organization_id = v_organization_id and e.sequence = o.sequence
      and o.sequence < coalesce((
        select min(k.sequence) from oldest k
        where k.created_at >= public.retention_cutoff(v_settings.events_days)
      ), 9223372036854775807);
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'events', v_rows);
  v_more := v_more or v_rows = v_limit;

  -- The log of deliveries that are over: for 30 days, and no longer than the events that they are of.
  delete from public.webhook_deliveries d
    where d.id in (
      select w.id from (
        select t.id, t.created_at from public.webhook_deliveries t
        where t.organization_id = v_organization_id and t.status <> 'pending'
        order by t.id
        limit v_limit
      ) w
      where w.created_at < public.retention_cutoff(least(v_settings.events_days, 30))
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'webhook_deliveries', v_rows);
  v_more := v_more or v_rows = v_limit;

  for v_instance_id in
    select i.id from public.whatsapp_instances i where i.organization_id = v_organization_id order by i.id
  loop
    v_step := public.apply_inbox_retention(v_instance_id, v_settings, v_limit);
    v_counts := public.add_count(v_counts, 'inbox_bodies', (v_step ->> 'inbox_bodies')::int);
    v_counts := public.add_count(v_counts, 'inbox', (v_step ->> 'inbox')::int);
    v_more := v_more or (v_step ->> 'more')::boolean;
    exit when (v_step ->> 'more')::boolean;
  end loop;

  -- Changes whose message did not come in time.
  delete from public.pending_changes c
    where c.id in (
      select o.id from public.pending_changes o
      where o.organization_id = v_organization_id and o.expires_at <= now()
      order by o.expires_at
      limit v_limit
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'pending_changes', v_rows);
  v_more := v_more or v_rows = v_limit;

  -- Longer than WhatsApp delivers anything again.
  delete from public.erased_messages e
    where (e.instance_id, e.mark) in (
      select o.instance_id, o.mark from public.erased_messages o
      where o.erased_at < now() - interval '120 days'
      order by o.erased_at
      limit v_limit
    );
  delete from public.organization_invitations where organization_id = v_organization_id and expires_at <= now();
  -- Nobody repeats a call after that.
  delete from public.idempotency_keys i
    where i.organization_id in (v_organization_id, '*') and i.created_at < now() - interval '7 days';
  -- What nodes asked each other and nobody waits for any more: texts, sealed and without a name.
  delete from public.node_requests where expires_at <= now();
  return jsonb_build_object('counts', v_counts, 'more', v_more, 'busy', false);
end
$$;

revoke execute on function
  public.default_retention(text), public.retention_of(text), public.read_retention(jsonb),
  public.write_retention(jsonb), public.retention_cutoff(int),
  public.apply_inbox_retention(uuid, public.retention_settings, int), public.apply_retention(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.default_retention(text), public.retention_of(text), public.read_retention(jsonb),
  public.write_retention(jsonb), public.retention_cutoff(int),
  public.apply_inbox_retention(uuid, public.retention_settings, int), public.apply_retention(jsonb)
  to service_role;
