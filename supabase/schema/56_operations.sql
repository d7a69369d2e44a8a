-- What those who run the service look at.

-- Processes that gave a sign of life in the last hour, and how many numbers each of them runs.
create or replace function public.list_nodes(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'id', n.id, 'kind', n.kind, 'is_leaving', n.is_leaving, 'is_alive', n.expires_at > now(),
      'heartbeat_at', n.heartbeat_at, 'expires_at', n.expires_at, 'sessions', coalesce(h.sessions, 0)
    ) order by n.id), '[]')
  from public.nodes n
  left join (
    select i.lease_owner, count(*) as sessions
    from public.whatsapp_instances i
    where i.lease_owner is not null and i.lease_expires_at > now()
    group by i.lease_owner
  ) h on h.lease_owner = n.id
$$;

-- What was received and sent in each of the last `minutes`, and how long it took, in ms: from the inbox to the contact, and from the call
-- to WhatsApp's word that it has it. `is_capped`: of a number or an organization there was more than is looked at; the newest counts.
create or replace function public.throughput(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  set jit = off
as $$
  with asked as (
    select date_trunc('minute', now()) - make_interval(mins => least(greatest((p ->> 'minutes')::int, 1), 180) - 1) as since,
      20000 as rows
  ), taken as (
    select r.received_at as at, extract(epoch from r.processed_at - r.received_at) * 1000 as ms, r.number = a.rows as is_last
    from asked a
    cross join public.whatsapp_instances n
    cross join lateral (
      select i.received_at, i.processed_at, row_number() over (order by i.received_at desc) as number
      from public.inbox i
      where i.instance_id = n.id and i.received_at >= a.since
      order by i.received_at desc
      limit a.rows
    ) r
  ), given as (
    select m.sent_at as at, extract(epoch from (m.status_at ->> 'sent')::timestamptz - m.created_at) * 1000 as ms,
      m.number = a.rows as is_last
    from asked a
    cross join public.organizations o
    cross join lateral (
      select s.sent_at, s.created_at, s.status_at, row_number() over (order by s.sent_at desc) as number
      from public.messages s
      where s.organization_id = o.id and s.sent_at >= a.since and s.direction = 'outbound' and s.status_at ->> 'sent' is not null
      order by s.sent_at desc
      limit a.rows
    ) m
  ), received as (
    select date_trunc('minute', t.at) as minute, count(*) as number,
      percentile_cont(array[0.5, 0.95]) within group (order by t.ms) as ms
    from taken t group by 1
  ), sent as (
    select date_trunc('minute', g.at) as minute, count(*) as number,
      percentile_cont(array[0.5, 0.95]) within group (order by g.ms) as ms
    from given g group by 1
  )
  select jsonb_build_object(
    'is_capped', exists (select from taken t where t.is_last) or exists (select from given g where g.is_last),
    'minutes', (
      select jsonb_agg(jsonb_build_object(
          'at', d.minute, 'received', coalesce(r.number, 0), 'received_ms', to_jsonb(r.ms),
          'sent', coalesce(s.number, 0), 'sent_ms', to_jsonb(s.ms)
        ) order by d.minute)
      from asked a
      cross join lateral generate_series(a.since, now(), interval '1 minute') as d (minute)
      left join received r on r.minute = d.minute
      left join sent s on s.minute = d.minute
    )
  )
$$;

-- How quickly a number writes, which is what WhatsApp limits numbers for: messages in the last minute, hour and day, those that are not sent
-- yet, and people it wrote to in that day who never wrote. Of its latest 20,000 messages.
create or replace function public.instance_pacing(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with latest as (
    select m.direction, m.contact_id, m.status, m.created_at, m.change_of
    from public.messages m
    where m.instance_id = (p ->> 'instance_id')::uuid
    order by m.ordinal desc
    limit 20000
  ), own as (
    select l.contact_id, l.status, l.created_at
    from latest l
    where l.direction = 'outbound' and l.change_of is null and l.created_at > now() - interval '1 day'
  ), written_to as (
    select distinct o.contact_id from own o where o.contact_id is not null
  )
  select jsonb_build_object(
    'minute', (select count(*) from own o where o.created_at > now() - interval '1 minute'),
    'hour', (select count(*) from own o where o.created_at > now() - interval '1 hour'),
    'day', (select count(*) from own o),
    'waiting', (select count(*) from own o where o.status = 'pending'),
    'people', (select count(*) from written_to),
    'strangers', (
      select count(*) from written_to w
      where not exists (
        select from public.messages r where r.contact_id = w.contact_id and r.direction = 'inbound'
      )
    )
  )
$$;

revoke execute on function public.list_nodes(jsonb), public.throughput(jsonb), public.instance_pacing(jsonb)
  from public, anon, authenticated;
grant execute on function public.list_nodes(jsonb), public.throughput(jsonb), public.instance_pacing(jsonb) to service_role;
