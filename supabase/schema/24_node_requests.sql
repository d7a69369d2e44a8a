-- What one node asks of the node that runs a session, and the QR code that any of them may show.

create table if not exists public.node_requests (
  id uuid primary key,
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  kind text not null check (kind in ('connect', 'send', 'send_content', 'chat', 'logout')),
  -- Both sealed by the service: they hold texts and pairing codes.
  payload bytea not null,
  answer bytea,
  -- Incarnation of the node that does it.
  taken_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
) with (fillfactor = 70);
create index if not exists idx_node_requests_waiting on public.node_requests (instance_id, created_at) where taken_by is null;
create index if not exists idx_node_requests_expiry on public.node_requests (expires_at);

create table if not exists public.pairing_qrs (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  -- Of the ownership that got it: another one's is worthless.
  epoch bigint not null,
  -- Sealed by the service.
  qr bytea not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null
);
alter table public.node_requests enable row level security;
alter table public.pairing_qrs enable row level security;
revoke all on public.node_requests, public.pairing_qrs from public, anon, authenticated;
grant select, insert, update, delete on public.node_requests, public.pairing_qrs to service_role;

-- Leaves a request for the node that runs the instance; none where that is the caller, or nobody.
create or replace function public.ask_node(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  delete from public.node_requests where expires_at <= now();
  insert into public.node_requests (id, instance_id, kind, payload, expires_at)
    select (p ->> 'id')::uuid, i.id, p ->> 'kind', decode(p ->> 'payload', 'base64'),
      now() + make_interval(secs => (p ->> 'seconds')::double precision)
    from public.whatsapp_instances i
    where i.id = (p ->> 'instance_id')::uuid and public.is_leased(i) and i.lease_owner <> p ->> 'node_id'
    on conflict (id) do nothing;
  return jsonb_build_object('asked', found);
end
$$;

-- How far a request is. `orphaned`: whoever was to do it is gone, so that nobody will.
create or replace function public.read_node_answer(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
    'answer', public.encode_base64(r.answer),
    'orphaned', case
      when r.taken_by is null then not public.is_leased(i)
      else not exists (select from public.nodes n where n.incarnation = r.taken_by and n.expires_at > now())
    end
  )
  from public.node_requests r
  join public.whatsapp_instances i on i.id = r.instance_id
  where r.id = (p ->> 'id')::uuid
$$;

-- How far several requests are: [id, is answered, is orphaned] of each that is not too old. `orphaned`: whoever was to do
-- it is gone, so that nobody will. `read_node_answer` stays for processes of the version before.
create or replace function public.read_node_answers(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(r.id, r.answer is not null, case
      when r.taken_by is null then not public.is_leased(i)
      else not exists (select from public.nodes n where n.incarnation = r.taken_by and n.expires_at > now())
    end)), '[]')
  from public.node_requests r
  join public.whatsapp_instances i on i.id = r.instance_id
  where r.id in (select jsonb_array_elements_text(p -> 'ids')::uuid)
$$;

-- The request is over for whoever asked: from now on no message is stored for it. Tells the answer, if there is one.
create or replace function public.withdraw_node_request(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_answer bytea;
begin
  delete from public.node_requests where id = (p ->> 'id')::uuid returning answer into v_answer;
  return jsonb_build_object('answer', public.encode_base64(v_answer));
end
$$;

create or replace function public.answer_node_request(p jsonb) returns jsonb
  language sql
  set search_path = ''
as $$
  update public.node_requests set answer = decode(p ->> 'answer', 'base64') where id = (p ->> 'id')::uuid;
  select '{}'::jsonb;
$$;

-- Requests for what the node runs, each given to one node at a time, and again when it was lost: `serving` names those that
-- the node is at. Of one instance it is at `instance_limit` at most: the others get their turn, whatever is asked of one.
-- Nobody has to run an instance for it to be logged out, so that one is anybody's.
create or replace function public.take_node_requests(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_node constant text := p ->> 'node_id';
  v_incarnation constant uuid := (p ->> 'incarnation')::uuid;
  v_serving constant uuid[] := array(select jsonb_array_elements_text(p -> 'serving')::uuid);
  v_taken jsonb;
begin
  -- Whoever took it gave it up, never heard that it has it, or is gone.
  with lost as (
    select r.id
    from public.node_requests r
    where r.taken_by is not null and r.answer is null and r.id <> all (v_serving)
      and (r.taken_by = v_incarnation
        or not exists (select from public.nodes n where n.incarnation = r.taken_by and n.expires_at > now()))
    order by r.id
    for update skip locked
  )
  update public.node_requests r set taken_by = null from lost l where r.id = l.id;

  with waiting as (
    select r.id, r.instance_id, row_number() over (partition by r.instance_id order by r.created_at, r.id) as place
    from public.node_requests r
    where r.taken_by is null and r.expires_at > now()
  ), due as (
    select r.id
    from waiting w
    join public.node_requests r on r.id = w.id
    join public.whatsapp_instances i on i.id = r.instance_id
    where r.taken_by is null
      and w.place <= (p ->> 'instance_limit')::int - (
        select count(*) from public.node_requests t
        where t.instance_id = w.instance_id and t.taken_by = v_incarnation and t.answer is null
      )
      and case when public.is_leased(i) then i.lease_owner = v_node else r.kind = 'logout' end
    order by r.created_at
    limit (p ->> 'request_limit')::int
    for update of r skip locked
  ), taken as (
    update public.node_requests r set taken_by = v_incarnation
      from due d where r.id = d.id
      returning r.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'instance_id', t.instance_id, 'kind', t.kind,
      'payload', translate(encode(t.payload, 'base64'), e'\n', '')) order by t.created_at), '[]')
    into v_taken
    from taken t;
  return v_taken;
end
$$;

create or replace function public.store_pairing_qr(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  delete from public.pairing_qrs where expires_at <= now();
  insert into public.pairing_qrs as q (instance_id, epoch, qr, issued_at, expires_at)
    select i.id, i.lease_epoch, decode(p ->> 'qr', 'base64'), (p ->> 'issued_at')::timestamptz,
      now() + make_interval(secs => (p ->> 'seconds')::double precision)
    from public.whatsapp_instances i
    where i.id = (p ->> 'instance_id')::uuid and i.lease_epoch = (p ->> 'epoch')::bigint
    on conflict (instance_id) do update
      set epoch = excluded.epoch, qr = excluded.qr, issued_at = excluded.issued_at, expires_at = excluded.expires_at;
  return '{}'::jsonb;
end
$$;

-- The code to scan now: not one of an earlier attempt, and none once it was scanned.
create or replace function public.find_pairing_qr(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('qr', public.encode_base64(q.qr), 'issued_at', q.issued_at)
  from public.pairing_qrs q
  join public.whatsapp_instances i on i.id = q.instance_id
  where i.id = (p ->> 'instance_id')::uuid and q.epoch = i.lease_epoch and q.expires_at > now()
    and i.status = 'qr_pending' and public.is_leased(i)
$$;

revoke execute on function
  public.ask_node(jsonb), public.read_node_answer(jsonb), public.read_node_answers(jsonb),
  public.withdraw_node_request(jsonb), public.answer_node_request(jsonb), public.take_node_requests(jsonb),
  public.store_pairing_qr(jsonb), public.find_pairing_qr(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.ask_node(jsonb), public.read_node_answer(jsonb), public.read_node_answers(jsonb),
  public.withdraw_node_request(jsonb), public.answer_node_request(jsonb), public.take_node_requests(jsonb),
  public.store_pairing_qr(jsonb), public.find_pairing_qr(jsonb)
  to service_role;
