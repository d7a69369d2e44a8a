-- Events that are sent to addresses of the organization.

create table if not exists public.webhook_endpoints (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  url text not null,
  -- Signing secrets, sealed by the service: the current one, and the one before it.
  secret bytea not null,
  -- Empty: all.
  event_names text[] not null default '{}',
  is_active boolean not null default true,
  -- Everything up to this sequence is among the deliveries, as far as the webhook wants it.
  last_sequence bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  description text not null default '',
  -- Events of this instance alone; null: of all, and of none.
  instance_id uuid,
  -- Until then the secret before the current one signs, too.
  former_secret_expires_at timestamptz,
  paused_at timestamptz,
  pause_reason text,
  -- Since when no delivery came through; null: the last one did.
  failing_since timestamptz,
  -- What is to be delivered once more: after the one sequence, up to the other.
  redrive_after bigint,
  redrive_until bigint,
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_webhook_endpoints_organization on public.webhook_endpoints (organization_id, created_at desc);
create index if not exists idx_webhook_endpoints_active on public.webhook_endpoints (organization_id) where is_active;
create index if not exists idx_webhook_endpoints_instance on public.webhook_endpoints (instance_id) where instance_id is not null;

-- One event for one webhook. What it says is in the event alone, so that it goes where the event goes.
create table if not exists public.webhook_deliveries (
  id bigint generated always as identity primary key,
  endpoint_id uuid not null references public.webhook_endpoints (id) on delete cascade,
  organization_id text not null references public.organizations (id) on delete cascade,
  sequence bigint not null,
  -- failed: given up.
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempts int not null default 0,
  -- While somebody works on it: until when at the latest.
  next_attempt_at timestamptz not null default now(),
  response_status int,
  error text,
  delivered_at timestamptz,
  created_at timestamptz not null default now(),
  -- What is delivered one after the other.
  chat_key text not null default '',
  -- It is the one of its chat that is tried; the others wait for it.
  is_next boolean not null default false,
  claimed_by text,
  first_attempt_at timestamptz,
  -- The last tries, the oldest first: { at, status, error, duration_ms }.
  tries jsonb not null default '[]',
  -- How the last answer began.
  response_body text,
  unique (endpoint_id, sequence)
);
create index if not exists idx_webhook_deliveries_due on public.webhook_deliveries (next_attempt_at) where status = 'pending';
create index if not exists idx_webhook_deliveries_organization on public.webhook_deliveries (organization_id, id desc);
create unique index if not exists idx_webhook_deliveries_next on public.webhook_deliveries (endpoint_id, chat_key)
  where status = 'pending' and is_next;
create index if not exists idx_webhook_deliveries_turn on public.webhook_deliveries (endpoint_id, next_attempt_at)
  where status = 'pending' and is_next;
create index if not exists idx_webhook_deliveries_chat on public.webhook_deliveries (endpoint_id, chat_key, sequence)
  where status = 'pending';
create index if not exists idx_webhook_deliveries_claimed on public.webhook_deliveries (endpoint_id) where claimed_by is not null;
create index if not exists idx_webhook_deliveries_log on public.webhook_deliveries (endpoint_id, id desc);
create index if not exists idx_webhook_deliveries_event on public.webhook_deliveries (organization_id, sequence);
alter table public.webhook_endpoints enable row level security;
alter table public.webhook_deliveries enable row level security;
revoke all on public.webhook_endpoints, public.webhook_deliveries from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_endpoints, public.webhook_deliveries to service_role;
revoke all on sequence public.webhook_deliveries_id_seq from public, anon, authenticated;
grant usage, select on sequence public.webhook_deliveries_id_seq to service_role;

-- What people set; where the worker stands is no change of the webhook.
create or replace trigger touch_updated_at
  before update of url, event_names, instance_id, description, is_active on public.webhook_endpoints
  for each row execute function public.touch_updated_at();
create or replace trigger require_open_organization before insert on public.webhook_endpoints
  for each row execute function public.require_open_organization();
create or replace trigger require_place before insert on public.webhook_endpoints
  for each row execute function public.require_place('20', 'webhooks');

-- An answer may repeat what it was told: it goes with the words of the event.
create or replace function public.forget_webhook_answers() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update public.webhook_deliveries d set response_body = null
    from changed c
    where d.organization_id = c.organization_id and d.sequence = c.sequence and d.response_body is not null;
  return null;
end
$$;
create or replace trigger forget_webhook_answers after update on public.events
  referencing new table as changed
  for each statement execute function public.forget_webhook_answers();

-- As the service reads it: without its secret.
create or replace function public.webhook_view(p_webhook public.webhook_endpoints) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_webhook) - 'secret' - 'deleted_at'
$$;

-- Which webhook a call is about, held; nothing where the caller knows none of this id.
create or replace function public.hold_webhook(p jsonb) returns public.webhook_endpoints
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant jsonb := nullif(p -> 'organization_ids', 'null');
  v_webhook public.webhook_endpoints;
begin
  select w.* into v_webhook from public.webhook_endpoints w
    where w.id = (p ->> 'id')::uuid and (v_known is null or v_known ? w.organization_id)
    for update;
  return v_webhook;
end
$$;

-- It begins with what happens from now on.
create or replace function public.create_webhook(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once(p ->> 'organization_id', p -> 'once');
  v_webhook public.webhook_endpoints;
begin
  if v_known.object_id is not null then
    select * into v_webhook from public.webhook_endpoints w where w.id = v_known.object_id::uuid;
    return case when found then public.webhook_view(v_webhook) || public.replay_view(v_known) end;
  end if;
  insert into public.webhook_endpoints (id, organization_id, url, secret, event_names, description, instance_id, last_sequence)
    select (p ->> 'id')::uuid, o.id, p ->> 'url', decode(p ->> 'secret', 'base64'),
      array(select jsonb_array_elements_text(p -> 'event_names')), p ->> 'description', (p ->> 'instance_id')::uuid, o.event_seq
    from public.organizations o
    where o.id = p ->> 'organization_id'
    returning * into v_webhook;
  if not found then
    raise exception 'organization not found' using errcode = 'AZ404';
  end if;
  perform public.end_once(v_webhook.organization_id, p -> 'once', v_webhook.id::text);
  return public.webhook_view(v_webhook);
end
$$;

-- Another sealed secret in the place of the one that begins with `old`; false where that is another one by now.
create or replace function public.replace_webhook_secret(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.webhook_endpoints w
    set secret = decode(p ->> 'new', 'base64'),
      former_secret_expires_at = now() + make_interval(secs => (p ->> 'overlap_seconds')::double precision)
    where w.id = (p ->> 'id')::uuid and substr(w.secret, 1, 33) = decode(p ->> 'old', 'base64');
  return to_jsonb(found);
end
$$;

-- Stops deliveries until somebody resumes them; nothing that waits is given up.
create or replace function public.pause_webhook(p_id uuid, p_reason text) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id text;
begin
  update public.webhook_endpoints w set is_active = false, paused_at = now(), pause_reason = p_reason
    where w.id = p_id and w.is_active
    returning w.organization_id into v_organization_id;
  if not found then
    return false;
  end if;
  if p_reason <> 'by_request' then
    perform public.begin_audit(jsonb_build_object('organization_id', v_organization_id, 'actor_kind', 'service',
      'actor_id', 'service', 'actor_name', 'service', 'action', 'webhook paused', 'object_type', 'webhooks', 'object_id', p_id,
      'outcome', 'done', 'details', jsonb_build_object('reason', p_reason)));
  end if;
  return true;
end
$$;

-- Changes what is named and keeps the rest; null where the caller knows none of this id.
create or replace function public.change_webhook(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_webhook public.webhook_endpoints := public.hold_webhook(p);
  v_changes constant jsonb := p -> 'changes';
begin
  if v_webhook.id is null then
    return null;
  end if;
  update public.webhook_endpoints w
    set url = coalesce(v_changes ->> 'url', w.url), description = coalesce(v_changes ->> 'description', w.description),
      event_names = case when v_changes ? 'event_names' then array(select jsonb_array_elements_text(v_changes -> 'event_names'))
        else w.event_names end,
      instance_id = case when v_changes ? 'instance_id' then (v_changes ->> 'instance_id')::uuid else w.instance_id end
    where w.id = v_webhook.id;
  if v_changes ->> 'state' = 'paused' then
    perform public.pause_webhook(v_webhook.id, 'by_request');
  end if;
  select w.* into v_webhook from public.webhook_endpoints w where w.id = v_webhook.id;
  return public.webhook_view(v_webhook);
end
$$;

-- Of each chat in which something waits, and nothing is being tried: the oldest is. The caller holds the webhook.
create or replace function public.promote_webhook_deliveries(p_endpoint_id uuid, p_chats text[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update public.webhook_deliveries d set is_next = true, next_attempt_at = now()
    from (
      select f.id
      from (select distinct u.chat_key from unnest(p_chats) as u (chat_key)) c
      cross join lateral (
        select w.id from public.webhook_deliveries w
        where w.endpoint_id = p_endpoint_id and w.chat_key = c.chat_key and w.status = 'pending'
        order by w.sequence
        limit 1
      ) f
      where not exists (
        select from public.webhook_deliveries n
        where n.endpoint_id = p_endpoint_id and n.chat_key = c.chat_key and n.status = 'pending' and n.is_next
      )
    ) f
    where d.id = f.id;
end
$$;

-- What an event is delivered in order with: what concerns the same person, or the same group; where neither is named, the same chat of
-- the instance, or the instance, or the organization.
create or replace function public.webhook_chat_key(p_instance_id uuid, p_payload jsonb) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select coalesce('contact ' || (p_payload ->> 'contactId'), 'group ' || (p_payload ->> 'groupId'),
    'instance ' || p_instance_id || coalesce(' ' || coalesce(p_payload ->> 'from', p_payload ->> 'to'), ''), '')
$$;

-- Whether a webhook wants an event. Of what was erased there is nothing to tell.
create or replace function public.webhook_wants(p_webhook public.webhook_endpoints, p_event public.events) returns boolean
  language sql immutable parallel safe
  set search_path = ''
as $$
  select (p_webhook.event_names = '{}' or p_event.name = any (p_webhook.event_names))
    and (p_webhook.instance_id is null or p_event.instance_id is not distinct from p_webhook.instance_id)
    and not p_event.payload ? 'erased'
$$;

-- Makes deliveries of the events of one webhook after the sequence, `limit` of them at most. Returns the last that was looked at;
-- null where there is none. The caller holds the webhook.
create or replace function public.enqueue_webhook_events(p_webhook public.webhook_endpoints, p_after bigint, p_until bigint, p_limit int)
  returns bigint
  language plpgsql
  set search_path = ''
as $$
declare
  v_last bigint;
begin
  select max(w.sequence) into v_last
    from (
      select e.sequence from public.events e
      where e.organization_id = p_webhook.organization_id and e.sequence > p_after and e.sequence <= p_until
      order by e.sequence
      limit p_limit
    ) w;
  insert into public.webhook_deliveries as d (endpoint_id, organization_id, sequence, chat_key)
    select p_webhook.id, e.organization_id, e.sequence, public.webhook_chat_key(e.instance_id, e.payload)
    from public.events e
    where e.organization_id = p_webhook.organization_id and e.sequence > p_after and e.sequence <= v_last
      and public.webhook_wants(p_webhook, e)
    order by e.sequence
    on conflict (endpoint_id, sequence) do update
      set status = 'pending', is_next = false, attempts = 0, claimed_by = null, first_attempt_at = null, next_attempt_at = now(),
        tries = '[]', response_status = null, response_body = null, error = null, delivered_at = null
      where d.status <> 'pending';
  perform public.promote_webhook_deliveries(p_webhook.id, array(
    select distinct d.chat_key from public.webhook_deliveries d
    where d.endpoint_id = p_webhook.id and d.sequence > p_after and d.sequence <= v_last and d.status = 'pending'
  ));
  return v_last;
end
$$;

-- Moves webhooks on over the events of their organizations, each by `limit` events at most, and makes their deliveries. The events
-- of an organization are committed in the order of their sequence, so none is passed by. One that has `max_waiting` deliveries waits
-- until some are made. `organization_ids`: of these alone. `more`: another call finds more.
create or replace function public.take_up_webhook_events(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_named constant text[] := case when nullif(p -> 'organization_ids', 'null') is not null
    then array(select jsonb_array_elements_text(p -> 'organization_ids')) end;
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 1000);
  v_max constant int := (p ->> 'max_waiting')::int;
  v_id uuid;
  v_webhook public.webhook_endpoints;
  v_head bigint;
  v_last bigint;
  v_taken int := 0;
  v_more boolean := false;
begin
  for v_id in
    select w.id
    from public.webhook_endpoints w
    join public.organizations o on o.id = w.organization_id
    where w.is_active and (v_named is null or w.organization_id = any (v_named))
      and (w.last_sequence < o.event_seq or w.redrive_after is not null)
    order by random()
    limit 50
  loop
    select w.* into v_webhook from public.webhook_endpoints w where w.id = v_id and w.is_active for update skip locked;
    continue when not found;
    continue when (
      select count(*) from (
        select from public.webhook_deliveries d where d.endpoint_id = v_id and d.status = 'pending' limit v_max
      ) w
    ) >= v_max;
    v_taken := v_taken + 1;
    if v_webhook.redrive_after is not null then
      v_last := public.enqueue_webhook_events(v_webhook, v_webhook.redrive_after, v_webhook.redrive_until, v_limit);
      if v_last is null or v_last >= v_webhook.redrive_until then
        update public.webhook_endpoints w set redrive_after = null, redrive_until = null where w.id = v_id;
      else
        update public.webhook_endpoints w set redrive_after = v_last where w.id = v_id;
        v_more := true;
      end if;
    end if;
    select o.event_seq into v_head from public.organizations o where o.id = v_webhook.organization_id;
    if v_head > v_webhook.last_sequence then
      v_last := public.enqueue_webhook_events(v_webhook, v_webhook.last_sequence, v_head, v_limit);
      update public.webhook_endpoints w set last_sequence = coalesce(v_last, v_head) where w.id = v_id;
      v_more := v_more or v_last < v_head;
    end if;
  end loop;
  return jsonb_build_object('taken', v_taken, 'more', v_more or v_taken = 50);
end
$$;

-- What a worker has to know every second: which organizations have webhooks (null: more than are worth a list), whether events wait
-- to be taken up, and whether deliveries are due.
create or replace function public.webhook_waits() returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organizations text[] := array(
    select distinct w.organization_id from public.webhook_endpoints w where w.is_active limit 1001
  );
begin
  return jsonb_build_object(
    'organizations', case when cardinality(v_organizations) <= 1000 then to_jsonb(v_organizations) end,
    'behind', exists (
      select from public.webhook_endpoints w
      join public.organizations o on o.id = w.organization_id
      where w.is_active and (w.last_sequence < o.event_seq or w.redrive_after is not null)
    ),
    'due', exists (
      select from public.webhook_endpoints w
      where w.is_active and exists (
        select from public.webhook_deliveries d
        where d.endpoint_id = w.id and d.status = 'pending' and d.is_next and d.next_attempt_at <= now()
      )
    ));
end
$$;

-- Gives a worker the deliveries whose turn it is: the organizations in turn, of each webhook the one that is due for longest. Never
-- so many that more than `per_organization`, or `per_webhook`, are worked on at the same time, by whichever process; of a webhook
-- that fails one, and of all those `failing_limit`, so that they leave the others their places. A claim ends after `lease_seconds`.
create or replace function public.claim_webhook_deliveries(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set jit = off
as $$
declare
  v_ids bigint[];
begin
  -- What is worked on is counted, and two must not count at the same time.
  perform pg_advisory_xact_lock(hashtextextended('auzap webhook claims', 0));
  with able as (
    select w.id, w.organization_id, w.failing_since is not null as is_failing, (
        select count(*) from public.webhook_deliveries b
        where b.endpoint_id = w.id and b.claimed_by is not null and b.next_attempt_at > now()
      ) as busy
    from public.webhook_endpoints w
    where w.is_active
  ), due as (
    select a.organization_id, a.is_failing, c.id, c.next_attempt_at, c.place
    from able a
    cross join lateral (
      select d.id, d.next_attempt_at, row_number() over (order by d.next_attempt_at) + a.busy as place
      from (
        select w.id, w.next_attempt_at from public.webhook_deliveries w
        where w.endpoint_id = a.id and w.status = 'pending' and w.is_next and w.next_attempt_at <= now()
        order by w.next_attempt_at
        limit greatest(case when a.is_failing then 1 else (p ->> 'per_webhook')::int end - a.busy, 0)
      ) d
    ) c
  ), turns as (
    select d.id, d.next_attempt_at, d.is_failing,
      row_number() over (partition by d.organization_id order by d.place, d.next_attempt_at) + b.busy as turn
    from due d
    join (select a.organization_id, sum(a.busy) as busy from able a group by a.organization_id) b using (organization_id)
  ), places as (
    select t.*, row_number() over (partition by t.is_failing order by t.turn, t.next_attempt_at) as place
    from turns t
    where t.turn <= (p ->> 'per_organization')::int
  )
  select array_agg(t.id) into v_ids
    from (
      select w.id from places w
      where not w.is_failing or w.place <= (p ->> 'failing_limit')::int
      order by w.turn, w.next_attempt_at
      limit least(greatest((p ->> 'limit')::int, 1), 100)
    ) t;
  v_ids := array(
    select d.id from public.webhook_deliveries d
    where d.id = any (v_ids) and d.status = 'pending' and d.is_next and d.next_attempt_at <= now()
    order by d.id
    for update skip locked
  );
  update public.webhook_deliveries d
    set claimed_by = p ->> 'worker', first_attempt_at = coalesce(d.first_attempt_at, now()),
      next_attempt_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where d.id = any (v_ids);
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'webhook_id', w.id, 'organization_id', d.organization_id,
        'sequence', d.sequence, 'attempts', d.attempts, 'is_failing', w.failing_since is not null, 'url', w.url,
        'secret', translate(encode(w.secret, 'base64'), e'\n', ''),
        'has_former_secret', coalesce(w.former_secret_expires_at > now(), false),
        'event', case when not e.payload ? 'erased'
          then jsonb_build_object('name', e.name, 'payload', e.payload, 'created_at', e.created_at) end) order by d.id), '[]')
    from public.webhook_deliveries d
    join public.webhook_endpoints w on w.id = d.endpoint_id
    left join public.events e on e.organization_id = d.organization_id and e.sequence = d.sequence
    where d.id = any (v_ids)
  );
end
$$;

-- What became of a try. `outcome`: `delivered`; `retry`, after `delay_seconds`, or the webhook is paused where the first try was
-- `window_seconds` ago; `gone`, it is paused at once; `drop`, there is nothing to deliver; `release`, nothing was tried. Takes no
-- effect where the claim is another worker's by now. `paused`: why it is paused with this.
create or replace function public.settle_webhook_delivery(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_outcome constant text := p ->> 'outcome';
  v_is_try constant boolean := v_outcome in ('delivered', 'retry', 'gone');
  v_delivery public.webhook_deliveries;
  v_reason text;
begin
  perform 1 from public.webhook_endpoints w
    where w.id = (select d.endpoint_id from public.webhook_deliveries d where d.id = (p ->> 'id')::bigint)
    for update;
  update public.webhook_deliveries d
    set status = case v_outcome when 'delivered' then 'delivered' when 'drop' then 'failed' else 'pending' end,
      is_next = v_outcome not in ('delivered', 'drop'), claimed_by = null,
      attempts = d.attempts + v_is_try::int,
      first_attempt_at = case when v_is_try or d.attempts > 0 then d.first_attempt_at end,
      next_attempt_at = now() + make_interval(secs => coalesce((p ->> 'delay_seconds')::double precision, 0)),
      delivered_at = case when v_outcome = 'delivered' then now() end,
      response_status = (p ->> 'response_status')::int, response_body = p ->> 'response_body', error = p ->> 'error',
      tries = case when not v_is_try then d.tries else
        case when jsonb_array_length(d.tries) >= 10 then d.tries - 0 else d.tries end || jsonb_build_array(jsonb_build_object(
          'at', p -> 'at', 'duration_ms', p -> 'duration_ms', 'status', p -> 'response_status', 'error', p -> 'error')) end
    where d.id = (p ->> 'id')::bigint and d.claimed_by = p ->> 'worker' and d.status = 'pending'
    returning * into v_delivery;
  if not found then
    return '{"paused": null}'::jsonb;
  end if;
  if v_outcome in ('delivered', 'drop') then
    perform public.promote_webhook_deliveries(v_delivery.endpoint_id, array[v_delivery.chat_key]);
  end if;
  if v_outcome = 'delivered' then
    update public.webhook_endpoints w set failing_since = null where w.id = v_delivery.endpoint_id and w.failing_since is not null;
  elsif v_outcome in ('retry', 'gone') then
    update public.webhook_endpoints w set failing_since = now() where w.id = v_delivery.endpoint_id and w.failing_since is null;
    v_reason := case
      when v_outcome = 'gone' then 'gone'
      when v_delivery.first_attempt_at + make_interval(secs => (p ->> 'window_seconds')::double precision) <= now() then 'failing'
    end;
    if v_reason is not null and not public.pause_webhook(v_delivery.endpoint_id, v_reason) then
      v_reason := null;
    end if;
  end if;
  return jsonb_build_object('paused', v_reason);
end
$$;

-- Goes on with what waits, at once. With `after`, what waits up to that sequence is given up. Null where the caller knows none of
-- this id.
create or replace function public.resume_webhook(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_webhook public.webhook_endpoints := public.hold_webhook(p);
  v_head bigint;
  v_chats text[];
begin
  if v_webhook.id is null then
    return null;
  end if;
  select o.event_seq into v_head from public.organizations o where o.id = v_webhook.organization_id and o.closed_at is null;
  if not found then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  if p ->> 'after' is not null then
    with skipped as (
      update public.webhook_deliveries d set status = 'failed', is_next = false, claimed_by = null, error = 'skipped'
        where d.endpoint_id = v_webhook.id and d.status = 'pending' and d.sequence <= (p ->> 'after')::bigint
          and (d.claimed_by is null or d.next_attempt_at <= now())
        returning d.chat_key
    )
    select array_agg(distinct s.chat_key) into v_chats from skipped s;
    perform public.promote_webhook_deliveries(v_webhook.id, v_chats);
  end if;
  update public.webhook_deliveries d set attempts = 0, first_attempt_at = null, claimed_by = null, next_attempt_at = now()
    where d.endpoint_id = v_webhook.id and d.status = 'pending' and d.is_next
      and (d.claimed_by is null or d.next_attempt_at <= now());
  update public.webhook_endpoints w
    set is_active = true, paused_at = null, pause_reason = null, failing_since = null,
      -- Both pass null by: without `after` it stays where it is.
      last_sequence = greatest(w.last_sequence, case when p ->> 'after' is not null then least((p ->> 'after')::bigint, v_head) end)
    where w.id = v_webhook.id
    returning * into v_webhook;
  return public.webhook_view(v_webhook);
end
$$;

-- Has everything after a sequence delivered once more, up to another one or to where the webhook stands. `webhook` is null where
-- some of that is not kept any more; null alone where the caller knows none of this id.
create or replace function public.redrive_webhook(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_webhook public.webhook_endpoints := public.hold_webhook(p);
  v_after constant bigint := (p ->> 'after')::bigint;
  v_until bigint;
  v_kept bigint;
begin
  if v_webhook.id is null then
    return null;
  end if;
  select coalesce(
      (select e.sequence from public.events e where e.organization_id = o.id order by e.sequence limit 1), o.event_seq + 1)
    into v_kept
    from public.organizations o where o.id = v_webhook.organization_id;
  if v_after > 0 and v_after < v_kept - 1 then
    return jsonb_build_object('webhook', null);
  end if;
  v_until := least(coalesce((p ->> 'until')::bigint, v_webhook.last_sequence), v_webhook.last_sequence);
  if v_until > v_after then
    update public.webhook_endpoints w
      set redrive_after = least(w.redrive_after, v_after), redrive_until = greatest(w.redrive_until, v_until)
      where w.id = v_webhook.id
      returning * into v_webhook;
  end if;
  return jsonb_build_object('webhook', public.webhook_view(v_webhook));
end
$$;

-- The log of a webhook, the newest first. `events`: what is to be told, as far as it is still kept. As read_page.
create or replace function public.list_webhook_deliveries(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
  v_endpoint_id constant uuid := (p ->> 'endpoint_id')::uuid;
  v_status constant text := p ->> 'status';
  v_is_newer constant boolean := p ? 'after';
  v_place constant bigint := coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint;
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 1001);
begin
  open v_page for execute format(
    'select to_jsonb(d) - ''claimed_by'' || jsonb_build_object(
        ''is_being_tried'', d.claimed_by is not null and d.next_attempt_at > now(),
        ''event'', jsonb_build_object(''name'', e.name, ''payload'', e.payload, ''created_at'', e.created_at))
      from public.webhook_deliveries d
      left join public.events e on e.organization_id = d.organization_id and e.sequence = d.sequence
      where d.endpoint_id = $1 and d.id %s $2 and ($3 is null or d.status = $3)
      order by d.id %s
      limit $4', case when v_is_newer then '>' else '<' end, case when v_is_newer then 'asc' else 'desc' end)
    using v_endpoint_id, v_place, v_status, v_limit;
  return public.read_page(v_page);
end
$$;

revoke execute on function
  public.forget_webhook_answers(), public.webhook_view(public.webhook_endpoints), public.hold_webhook(jsonb),
  public.create_webhook(jsonb), public.replace_webhook_secret(jsonb), public.pause_webhook(uuid, text),
  public.change_webhook(jsonb), public.promote_webhook_deliveries(uuid, text[]), public.webhook_chat_key(uuid, jsonb),
  public.webhook_wants(public.webhook_endpoints, public.events),
  public.enqueue_webhook_events(public.webhook_endpoints, bigint, bigint, int), public.take_up_webhook_events(jsonb),
  public.webhook_waits(), public.claim_webhook_deliveries(jsonb), public.settle_webhook_delivery(jsonb),
  public.resume_webhook(jsonb), public.redrive_webhook(jsonb), public.list_webhook_deliveries(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.forget_webhook_answers(), public.webhook_view(public.webhook_endpoints), public.hold_webhook(jsonb),
  public.create_webhook(jsonb), public.replace_webhook_secret(jsonb), public.pause_webhook(uuid, text),
  public.change_webhook(jsonb), public.promote_webhook_deliveries(uuid, text[]), public.webhook_chat_key(uuid, jsonb),
  public.webhook_wants(public.webhook_endpoints, public.events),
  public.enqueue_webhook_events(public.webhook_endpoints, bigint, bigint, int), public.take_up_webhook_events(jsonb),
  public.webhook_waits(), public.claim_webhook_deliveries(jsonb), public.settle_webhook_delivery(jsonb),
  public.resume_webhook(jsonb), public.redrive_webhook(jsonb), public.list_webhook_deliveries(jsonb)
  to service_role;
