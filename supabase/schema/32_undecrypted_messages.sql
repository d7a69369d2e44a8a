-- The loss ledger: every message that WhatsApp delivered and that could not be read here, and what became of it.
-- A table of its own: it outlives the purging of the inbox, and its few rows are looked up by canonical addresses, which
-- those of the inbox do not have.
create table if not exists public.undecrypted_messages (
  -- Order of arrival; what lists are sorted by.
  id bigint generated always as identity primary key,
  organization_id text not null,
  instance_id uuid not null,
  -- The placeholder.
  inbox_id bigint not null unique,
  -- Chosen by the sender: names a message only together with chat and person.
  message_id text not null,
  chat text not null,
  chat_kind text not null,
  from_me boolean not null,
  -- The other side of a direct chat, the author elsewhere; digits.
  phone text,
  lid text,
  -- The sender's clock: shown, never decided by.
  sent_at timestamptz not null,
  received_at timestamptz not null,
  -- waiting: a new copy was asked for. recovered: a readable copy came. given_up: none came in time.
  state text not null default 'waiting' check (state in ('waiting', 'recovered', 'given_up')),
  -- The readable copy.
  recovered_inbox_id bigint,
  settled_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_undecrypted_message on public.undecrypted_messages (instance_id, message_id);
create index if not exists idx_undecrypted_instance on public.undecrypted_messages (instance_id, id desc);
create index if not exists idx_undecrypted_received on public.undecrypted_messages (instance_id, received_at);
create index if not exists idx_undecrypted_waiting on public.undecrypted_messages (created_at) where state = 'waiting';
alter table public.undecrypted_messages enable row level security;
revoke all on public.undecrypted_messages from public, anon, authenticated;
grant select, insert, update, delete on public.undecrypted_messages to service_role;
revoke all on sequence public.undecrypted_messages_id_seq from public, anon, authenticated;
grant usage, select on sequence public.undecrypted_messages_id_seq to service_role;
grant select on public.undecrypted_messages to authenticated;
drop policy if exists members_read on public.undecrypted_messages;
create policy members_read on public.undecrypted_messages for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- The ledger's rows about the same message. The id alone would let a stranger settle somebody else's: the chat and the
-- person must be the same too, by either address.
create or replace function public.find_undecrypted(p_instance_id uuid, p_message_id text, p_chat text, p_chat_kind text,
    p_from_me boolean, p_phone text, p_lid text, p_contact_id uuid)
  returns setof public.undecrypted_messages
  language sql stable
  set search_path = ''
as $$
  select u.*
  from public.undecrypted_messages u
  where u.instance_id = p_instance_id and u.message_id = p_message_id
    and u.chat_kind = p_chat_kind and u.from_me = p_from_me
    and (p_chat_kind = 'direct' or p_chat_kind = 'self' or u.chat = p_chat)
    and (p_chat_kind = 'self' or u.phone = p_phone or u.lid = p_lid or exists (
        select from public.contacts k
        where k.id = p_contact_id and (k.phone_number = u.phone or k.lid = u.lid)
      ))
$$;

-- Gives up on what waited `after_seconds` or longer, without a break in the connection, for a copy that did not come.
-- A connection that never lasts so long gets a day; whoever is off line, two weeks, as long as WhatsApp keeps messages.
-- Nothing can come any more for an instance that was deleted or unlinked. By our clock alone, never the sender's.
create or replace function public.give_up_undecrypted(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_overdue constant timestamptz := now() - make_interval(secs => (p ->> 'after_seconds')::double precision);
  v_given_up int;
begin
  with overdue as (
    select u.id
    from public.undecrypted_messages u
    join public.whatsapp_instances i on i.id = u.instance_id
    where u.state = 'waiting' and u.created_at <= v_overdue
      and (i.deleted_at is not null
        or not i.has_session
        or i.status = 'connected' and (i.last_connected_at <= v_overdue or u.created_at <= now() - interval '1 day')
        or u.created_at <= now() - interval '14 days')
    order by u.created_at
    limit least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 1000)
    for update of u skip locked
  )
  update public.undecrypted_messages u
    set state = 'given_up', settled_at = now()
    from overdue o
    where u.id = o.id;
  get diagnostics v_given_up = row_count;
  return jsonb_build_object('given_up', v_given_up);
end
$$;

-- What became of everything that arrived for an instance from `from` until before `to`. Every row of the inbox is counted
-- once: received = stored + notes + groups + skipped + duplicates + pending + dead + waiting + recovered + given_up.
create or replace function public.instance_integrity(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with arrived as (
    select i.state, i.outcome, i.reason, count(*) as messages
    from public.inbox i
    where i.instance_id = (p ->> 'instance_id')::uuid and i.organization_id = p ->> 'organization_id'
      and i.received_at >= (p ->> 'from')::timestamptz and i.received_at < (p ->> 'to')::timestamptz
    group by i.state, i.outcome, i.reason
  ), ledger as (
    select u.state, count(*) as messages,
      count(*) filter (where u.chat_kind in ('direct', 'self')) as personal
    from public.undecrypted_messages u
    where u.instance_id = (p ->> 'instance_id')::uuid and u.organization_id = p ->> 'organization_id'
      and u.received_at >= (p ->> 'from')::timestamptz and u.received_at < (p ->> 'to')::timestamptz
    group by u.state
  ), outcomes as (
    select coalesce(sum(a.messages), 0) as received,
      coalesce(sum(a.messages) filter (where a.outcome = 'stored'), 0) as stored,
      coalesce(sum(a.messages) filter (where a.outcome = 'note'), 0) as notes,
      coalesce(sum(a.messages) filter (where a.outcome = 'group'), 0) as groups,
      coalesce(sum(a.messages) filter (where a.outcome = 'skipped'), 0) as skipped,
      coalesce(sum(a.messages) filter (where a.outcome = 'duplicate'), 0) as duplicates,
      coalesce(sum(a.messages) filter (where a.state = 0), 0) as pending,
      coalesce(sum(a.messages) filter (where a.state = 2), 0) as dead,
      (
        select coalesce(jsonb_object_agg(r.reason, r.messages), '{}')
        from (
          select coalesce(b.reason, 'unknown') as reason, sum(b.messages) as messages
          from arrived b where b.outcome in ('skipped', 'dead') group by 1
        ) r
      ) as by_reason
    from arrived a
  )
  select jsonb_build_object(
    'received', o.received, 'stored', o.stored, 'notes', o.notes, 'groups', o.groups, 'skipped', o.skipped,
    'duplicates', o.duplicates, 'pending', o.pending, 'dead', o.dead, 'by_reason', o.by_reason,
    'waiting', coalesce((select l.messages from ledger l where l.state = 'waiting'), 0),
    'recovered', coalesce((select l.messages from ledger l where l.state = 'recovered'), 0),
    'given_up', coalesce((select l.messages from ledger l where l.state = 'given_up'), 0),
    'lost', coalesce((select l.personal from ledger l where l.state = 'given_up'), 0)
  )
  from outcomes o
$$;

revoke execute on function
  public.find_undecrypted(uuid, text, text, text, boolean, text, text, uuid), public.give_up_undecrypted(jsonb),
  public.instance_integrity(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.find_undecrypted(uuid, text, text, text, boolean, text, text, uuid), public.give_up_undecrypted(jsonb),
  public.instance_integrity(jsonb)
  to service_role;
