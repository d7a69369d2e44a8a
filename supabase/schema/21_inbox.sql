-- What WhatsApp delivered, in order of arrival; committed before it is acknowledged. Its only writer takes instance and
-- organization from the instance's row under a lock, so references would cost a third of the commit and check nothing.
create table if not exists public.inbox (
  id bigint generated always as identity primary key,
  organization_id text not null,
  instance_id uuid not null,
  message_id text not null,
  chat text not null,
  sender text not null,
  -- SHA-256 (hex) over ciphertext and addressing.
  hash text not null,
  attrs jsonb not null default '{}',
  encryption text not null default 'none',
  -- Sealed by the service; null for a placeholder or a purged row.
  body bytea,
  account_phone text,
  account_lid text,
  received_at timestamptz not null default now(),
  -- 0 pending, 1 done, 2 dead.
  state smallint not null default 0 check (state between 0 and 2),
  reason text,
  error text,
  attempts int not null default 0,
  claimed_by text,
  claimed_until timestamptz,
  processed_at timestamptz,
  -- What became of a row that was closed; null while it is pending.
  outcome text check (outcome in ('stored', 'note', 'skipped', 'duplicate', 'dead', 'undecrypted', 'group')),
  unique (instance_id, hash)
) with (fillfactor = 80);
create index if not exists idx_inbox_pending on public.inbox (instance_id, id) where state = 0;
create index if not exists idx_inbox_dead on public.inbox (organization_id, id) where state = 2;
-- For counting what arrived in a period.
create index if not exists idx_inbox_received on public.inbox (instance_id, received_at);
-- For erasures: the rows of one organization, wherever in the inbox they are.
create index if not exists idx_inbox_organization on public.inbox (organization_id, id);
alter table public.inbox enable row level security;
revoke all on public.inbox from public, anon, authenticated;
grant select, insert, update, delete on public.inbox to service_role;
revoke all on sequence public.inbox_id_seq from public, anon, authenticated;
grant usage, select on sequence public.inbox_id_seq to service_role;

-- Functions that are called for each batch of messages (here, `commit_session_batch` and `ingest_inbox`) find their rows by
-- index, however many there are: their plans are made once for each connection, not for each call, and never from statistics of
-- a time when a table was nearly empty. Without sequential scans a plan may look costly where there is no way around one: then
-- compiling it would cost more.

-- A worker claims the oldest pending rows of an instance or none, so the oldest one tells whether the instance is
-- taken, and its lock decides between two workers that ask at the same time.
-- Turns go round the organizations first, then round the instances of each: however much arrives for one of them, and
-- however many instances it has, the others get their share of every call. Within an instance the order stays.
-- `more` says whether rows may be left that this worker could claim at once; where there is nothing, `free_in_ms` says
-- when the first claim of another worker ends, should that worker be dead.
-- `state <= 0`, where rows are found by their ids: with `=` the planner may search the index of what is pending instead,
-- once for each id, because its statistics are of a time when nothing was.
create or replace function public.claim_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_worker constant text := p ->> 'worker';
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 500);
  -- Of bodies; one row at least is given, whatever its size.
  v_max_bytes constant bigint := least(greatest(coalesce((p ->> 'max_bytes')::bigint, 8388608), 1), 67108864);
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_heads bigint[];
  v_organizations int;
  v_rows jsonb;
  v_owners jsonb;
  v_offered int;
  v_free_in_ms bigint;
begin
  if v_instance_id is not null then
    v_heads := array(
      select i.id from public.inbox i where i.state = 0 and i.instance_id = v_instance_id order by i.id limit 1
    );
  else
    with recursive heads as (
      -- One index probe for each instance that has pending rows.
      (
        select i.instance_id, i.organization_id, i.id, i.claimed_by, i.claimed_until
        from public.inbox i where i.state = 0 order by i.instance_id, i.id limit 1
      )
      union all
      select n.instance_id, n.organization_id, n.id, n.claimed_by, n.claimed_until
      from heads h
      cross join lateral (
        select i.instance_id, i.organization_id, i.id, i.claimed_by, i.claimed_until
        from public.inbox i
        where i.state = 0 and i.instance_id > h.instance_id
        order by i.instance_id, i.id
        limit 1
      ) n
    )
    select array_agg(f.id),
        (
          select ceil(extract(epoch from min(h.claimed_until) - now()) * 1000)
          from heads h where h.claimed_by <> v_worker and h.claimed_until > now()
        )
      into v_heads, v_free_in_ms
      from (
        select t.id
        from (
          select h.id, row_number() over (partition by h.organization_id order by h.id) as turn
          from heads h
          where h.claimed_by is null or h.claimed_by = v_worker or h.claimed_until <= now()
        ) t
        order by t.turn, t.id
        limit v_limit
      ) f;
  end if;

  select array_agg(l.id), count(distinct l.organization_id) into v_heads, v_organizations
    from (
      select i.id, i.organization_id
      from public.inbox i
      where i.id = any (v_heads) and i.state <= 0
        and (i.claimed_by is null or i.claimed_by = v_worker or i.claimed_until <= now())
      order by i.id
      for update skip locked
    ) l;
  if v_heads is null then
    return jsonb_build_object('rows', '[]'::jsonb, 'owners', '[]'::jsonb, 'more', false, 'free_in_ms', v_free_in_ms);
  end if;

  with shares as (
    select h.organization_id, h.instance_id,
      row_number() over (partition by h.organization_id order by h.id) as turn,
      ceil(ceil(v_limit::numeric / v_organizations) / count(*) over (partition by h.organization_id))::bigint as share
    from public.inbox h
    where h.id = any (v_heads)
  ), offered as (
    select r.id, r.bytes,
      row_number() over (partition by s.organization_id order by r.place, s.turn) as place,
      -- With a full share an instance may have more than it.
      r.place = s.share as is_full
    from shares s
    cross join lateral (
      select i.id, coalesce(octet_length(i.body), 0) as bytes, row_number() over (order by i.id) as place
      from public.inbox i
      where i.state = 0 and i.instance_id = s.instance_id
      order by i.id
      limit s.share
    ) r
  ), picked as (
    -- What comes before a row in this order are, of its own instance, all the older ones.
    select t.id
    from (
      select o.id, row_number() over taken as place, sum(o.bytes) over taken as bytes
      from offered o
      window taken as (order by o.place, o.id)
    ) t
    where t.place <= v_limit and (t.bytes <= v_max_bytes or t.place = 1)
  ), locked as materialized (
    -- In the order of ids, as `begin_ingest`.
    select i.id from public.inbox i
    where i.id in (select k.id from picked k) and i.state <= 0
    order by i.id
    for update
  ), claimed as (
    update public.inbox i
      set claimed_by = v_worker, claimed_until = v_until, attempts = i.attempts + 1
      where i.id in (select l.id from locked l) and i.state <= 0
      returning i.*
  )
  select (select count(*) + count(*) filter (where o.is_full) from offered o),
      public.owner_addresses(array_agg(distinct c.organization_id)),
      coalesce(jsonb_agg(jsonb_build_object(
      'id', c.id, 'organization_id', c.organization_id, 'instance_id', c.instance_id, 'attrs', c.attrs,
      'encryption', c.encryption, 'hash', c.hash, 'body', translate(encode(c.body, 'base64'), e'\n', ''),
      'received_at', c.received_at, 'attempts', c.attempts - 1,
      'account_phone', c.account_phone, 'account_lid', c.account_lid
    ) order by c.id), '[]')
    into v_offered, v_owners, v_rows
    from claimed c;
  return jsonb_build_object('rows', v_rows, 'owners', v_owners,
    'more', v_offered > jsonb_array_length(v_rows) or cardinality(v_heads) = v_limit);
end
$$;

-- How many received messages wait, of some organizations alone where `organization_ids` names them: what waits for others is
-- then neither counted, nor does it push theirs out of the list. Counted is up to a bound, the same for each instance, and
-- lower the more of them have something waiting: `is_capped` says that there are more. The oldest of an instance is its first.
create or replace function public.queue_stats(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with recursive asked as (
    select array(select jsonb_array_elements_text(p -> 'organization_ids')) as organizations,
      p -> 'organization_ids' is null as is_all
  ), heads as (
    -- One index probe for each instance that has pending rows.
    (
      select i.instance_id, i.organization_id, i.received_at
      from public.inbox i where i.state = 0 order by i.instance_id, i.id limit 1
    )
    union all
    select n.instance_id, n.organization_id, n.received_at
    from heads h
    cross join lateral (
      select i.instance_id, i.organization_id, i.received_at
      from public.inbox i
      where i.state = 0 and i.instance_id > h.instance_id
      order by i.instance_id, i.id
      limit 1
    ) n
  ), own as (
    select h.* from heads h, asked a where a.is_all or h.organization_id = any (a.organizations)
  ), bound as (
    select greatest(least(100000 / greatest(count(*), 1), 10000), 100) as rows from own
  ), pending as (
    select o.organization_id, sum(c.pending) as pending, min(o.received_at) as oldest, bool_or(c.pending = b.rows) as is_capped
    from own o
    cross join bound b
    cross join lateral (
      select count(*) as pending
      from (select from public.inbox i where i.state = 0 and i.instance_id = o.instance_id limit b.rows) r
    ) c
    group by o.organization_id
  ), dying as (
    -- The same for each organization that has dead rows.
    (select i.organization_id from public.inbox i where i.state = 2 order by i.organization_id limit 1)
    union all
    select n.organization_id
    from dying d
    cross join lateral (
      select i.organization_id from public.inbox i
      where i.state = 2 and i.organization_id > d.organization_id
      order by i.organization_id
      limit 1
    ) n
  ), dead as (
    select d.organization_id, c.dead
    from dying d
    cross join asked a
    cross join lateral (
      select count(*) as dead
      from (select from public.inbox i where i.state = 2 and i.organization_id = d.organization_id limit 10000) r
    ) c
    where a.is_all or d.organization_id = any (a.organizations)
  ), organizations as (
    select coalesce(w.organization_id, d.organization_id) as organization_id,
      coalesce(w.pending, 0) as pending, coalesce(d.dead, 0) as dead, w.oldest,
      coalesce(w.is_capped, false) or coalesce(d.dead = 10000, false) as is_capped
    from pending w full join dead d on d.organization_id = w.organization_id
  ), top as (
    select * from organizations o order by o.pending desc, o.dead desc, o.organization_id limit 100
  )
  select jsonb_build_object(
    'pending', coalesce((select sum(o.pending) from organizations o), 0),
    'dead', coalesce((select sum(o.dead) from organizations o), 0),
    'oldest_pending_at', (select min(o.oldest) from organizations o),
    'is_capped', coalesce((select bool_or(o.is_capped) from organizations o), false),
    'by_organization', coalesce((
      select jsonb_agg(jsonb_build_object('organization_id', t.organization_id, 'pending', t.pending, 'dead', t.dead,
        'oldest_pending_at', t.oldest, 'is_capped', t.is_capped) order by t.pending desc, t.dead desc, t.organization_id)
      from top t
    ), '[]')
  )
$$;

-- Keeps a living worker's claims. Rows that are being closed at this moment are locked and need no claim any more.
create or replace function public.renew_claims(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_renewed int;
begin
  with held as (
    select i.id
    from public.inbox i
    where i.id in (select e::bigint from jsonb_array_elements_text(p -> 'ids') e)
      and i.state <= 0 and i.claimed_by = p ->> 'worker'
    order by i.id
    for update skip locked
  )
  update public.inbox i
    set claimed_until = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    from held h
    where i.id = h.id;
  get diagnostics v_renewed = row_count;
  return jsonb_build_object('renewed', v_renewed);
end
$$;

-- Ends all claims. Only for a database that one process has for itself, before that process claims anything.
create or replace function public.release_claims(p jsonb) returns jsonb
  language sql
  set search_path = ''
as $$
  with released as (
    update public.inbox i set claimed_by = null, claimed_until = null
      where i.state = 0 and i.claimed_by is not null
      returning i.id
  )
  select jsonb_build_object('released', count(*)) from released
$$;

-- Gives dead rows another chance, those first whose last one was longest ago: one that dies again goes to the end. With a `kind` those
-- instead of which nobody knew what they are: of WhatsApp's name for it, or all for `unsupported`, as far as their bodies are kept.
create or replace function public.redrive_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 1000);
  v_ids bigint[];
  v_instances jsonb;
  v_redriven int;
begin
  if p ->> 'kind' is null then
    v_ids := array(
      select i.id
      from public.inbox i
      where i.state = 2 and (v_organization_id is null or i.organization_id = v_organization_id)
        and (v_instance_id is null or i.instance_id = v_instance_id)
      order by i.processed_at nulls first, i.id
      limit v_limit
    );
  else
    v_ids := array(
      select i.id
      from (
        select m.organization_id, m.instance_id, m.inbox_id, m.content_type, m.deleted_at
        from public.messages m where m.type = 'unsupported'
        union all
        select n.organization_id, n.instance_id, n.inbox_id, n.content_type, n.deleted_at
        from public.notes n where n.type = 'unsupported'
      ) u
      join public.inbox i on i.id = u.inbox_id
      where (v_organization_id is null or u.organization_id = v_organization_id)
        and (v_instance_id is null or u.instance_id = v_instance_id)
        and u.content_type <> 'ciphertext' and p ->> 'kind' in ('unsupported', u.content_type) and u.deleted_at is null
        and i.state = 1 and i.body is not null
      order by i.processed_at nulls first, i.id
      limit v_limit
    );
  end if;
  with chosen as (
    select i.id from public.inbox i
    where i.id = any (v_ids) and i.state = case when p ->> 'kind' is null then 2 else 1 end
    for update skip locked
  ), redriven as (
    update public.inbox i
      set state = 0, outcome = null, reason = null, error = null, attempts = 0, processed_at = null
      from chosen c
      where i.id = c.id
      returning i.instance_id
  )
  select count(*), coalesce(jsonb_agg(distinct r.instance_id), '[]') into v_redriven, v_instances from redriven r;
  return jsonb_build_object('redriven', v_redriven, 'instance_ids', v_instances);
end
$$;

create or replace function public.find_inbox(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(i.hash, translate(encode(i.body, 'base64'), e'\n', ''))), '[]')
  from jsonb_array_elements_text(p -> 'hashes') as wanted (hash)
  join public.inbox i on i.instance_id = (p ->> 'instance_id')::uuid and i.hash = wanted.hash
$$;

-- Whether anything is pending, by index: statistics of a time when much was would have it scan the whole table for nothing.
create or replace function public.inbox_waits() returns boolean
  language plpgsql stable
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
begin
  return exists (select from public.inbox i where i.state = 0);
end
$$;

revoke execute on function
  public.claim_inbox(jsonb), public.queue_stats(jsonb), public.renew_claims(jsonb), public.release_claims(jsonb),
  public.redrive_inbox(jsonb), public.find_inbox(jsonb), public.inbox_waits()
  from public, anon, authenticated;
grant execute on function
  public.claim_inbox(jsonb), public.queue_stats(jsonb), public.renew_claims(jsonb), public.release_claims(jsonb),
  public.redrive_inbox(jsonb), public.find_inbox(jsonb), public.inbox_waits()
  to service_role;
