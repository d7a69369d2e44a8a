-- Claiming what waits in the inbox, and how much it is.

-- A worker claims the oldest pending rows of an instance or none, so the oldest one tells whether the instance is
-- taken, and its lock decides between two workers that ask at the same time.
create function public.claim_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_worker constant text := p ->> 'worker';
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 500);
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_heads bigint[];
  v_instances uuid[];
  v_share int;
  v_rows jsonb;
begin
  if v_instance_id is not null then
    v_heads := array(
      select i.id from public.inbox i where i.state = 0 and i.instance_id = v_instance_id order by i.id limit 1
    );
  else
    with recursive heads as (
      -- One index probe for each instance that has pending rows.
      (
        select i.instance_id, i.id, i.claimed_by, i.claimed_until
        from public.inbox i where i.state = 0 order by i.instance_id, i.id limit 1
      )
      union all
      select n.instance_id, n.id, n.claimed_by, n.claimed_until
      from heads h
      cross join lateral (
        select i.instance_id, i.id, i.claimed_by, i.claimed_until
        from public.inbox i
        where i.state = 0 and i.instance_id > h.instance_id
        order by i.instance_id, i.id
        limit 1
      ) n
    )
    select array_agg(f.id) into v_heads
      from (
        select h.id from heads h
        where h.claimed_by is null or h.claimed_by = v_worker or h.claimed_until <= now()
        order by h.id
        limit v_limit
      ) f;
  end if;

  select array_agg(l.instance_id) into v_instances
    from (
      select i.instance_id
      from public.inbox i
      where i.id = any (v_heads) and i.state = 0
        and (i.claimed_by is null or i.claimed_by = v_worker or i.claimed_until <= now())
      order by i.id
      for update skip locked
    ) l;
  if v_instances is null then
    return '[]';
  end if;
  v_share := ceil(v_limit::numeric / cardinality(v_instances));

  with picked as (
    select r.id
    from unnest(v_instances) as w (instance_id)
    cross join lateral (
      select i.id, row_number() over (order by i.id) as place
      from public.inbox i
      where i.state = 0 and i.instance_id = w.instance_id
      order by i.id
      limit v_share
    ) r
    order by r.place, r.id
    limit v_limit
  ), claimed as (
    update public.inbox i
      set claimed_by = v_worker, claimed_until = v_until, attempts = i.attempts + 1
      where i.id in (select k.id from picked k) and i.state = 0
      returning i.*
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'id', c.id, 'organization_id', c.organization_id, 'instance_id', c.instance_id, 'attrs', c.attrs,
      'encryption', c.encryption, 'hash', c.hash, 'body', public.encode_base64(c.body),
      'received_at', c.received_at, 'attempts', c.attempts - 1,
      'account_phone', c.account_phone, 'account_lid', c.account_lid
    ) order by c.id), '[]')
    into v_rows
    from claimed c;
  return v_rows;
end
$$;

create function public.queue_stats(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with pending as (
    select i.organization_id, count(*) as pending, min(i.received_at) as oldest
    from public.inbox i where i.state = 0 group by i.organization_id
  ), dead as (
    select i.organization_id, count(*) as dead from public.inbox i where i.state = 2 group by i.organization_id
  ), organizations as (
    select coalesce(w.organization_id, d.organization_id) as organization_id,
      coalesce(w.pending, 0) as pending, coalesce(d.dead, 0) as dead, w.oldest
    from pending w full join dead d on d.organization_id = w.organization_id
  ), top as (
    select * from organizations o order by o.pending desc, o.dead desc, o.organization_id limit 100
  )
  select jsonb_build_object(
    'pending', coalesce((select sum(o.pending) from organizations o), 0),
    'dead', coalesce((select sum(o.dead) from organizations o), 0),
    'oldest_pending_at', (select min(o.oldest) from organizations o),
    'by_organization', coalesce((
      select jsonb_agg(jsonb_build_object('organization_id', t.organization_id, 'pending', t.pending,
        'dead', t.dead, 'oldest_pending_at', t.oldest) order by t.pending desc, t.dead desc, t.organization_id)
      from top t
    ), '[]')
  )
$$;
