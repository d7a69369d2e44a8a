-- Addresses under which calendars read the bookings of an organization.

create table if not exists public.calendar_feeds (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  name text not null default '',
  -- Whoever knows the secret part of the address may read; only its hash is kept.
  token_hash bytea not null unique,
  created_at timestamptz not null default now(),
  rotated_at timestamptz
);
create index if not exists idx_calendar_feeds_organization on public.calendar_feeds (organization_id, created_at desc, id desc);
alter table public.calendar_feeds enable row level security;
revoke all on public.calendar_feeds from public, anon, authenticated;
grant select, insert, update, delete on public.calendar_feeds to service_role;
create or replace trigger require_open_organization before insert on public.calendar_feeds
  for each row execute function public.require_open_organization();
create or replace trigger require_place before insert on public.calendar_feeds
  for each row execute function public.require_place('20', 'calendar_feeds');

-- Makes a feed, once under an idempotency key; null where what an earlier call under the key made was deleted.
create or replace function public.create_calendar_feed(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once(p ->> 'organization_id', p -> 'once');
  v_feed public.calendar_feeds;
begin
  if v_known.object_id is not null then
    select * into v_feed from public.calendar_feeds f where f.id = v_known.object_id::uuid;
    return case when found then to_jsonb(v_feed) - 'token_hash' || public.replay_view(v_known) end;
  end if;
  insert into public.calendar_feeds (organization_id, name, token_hash)
    values (p ->> 'organization_id', p ->> 'name', decode(p ->> 'token_hash', 'hex'))
    returning * into v_feed;
  perform public.end_once(v_feed.organization_id, p -> 'once', v_feed.id::text);
  return to_jsonb(v_feed) - 'token_hash';
end
$$;

-- What the calendar of a feed shows: bookings with a start, from 90 days ago to a year from now, at most 5000 of them, those
-- nearest to now. Null where nobody has this address, or its organization is closed.
create or replace function public.read_calendar(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_found record;
begin
  select o.id, o.name into v_found
    from public.calendar_feeds f
    join public.organizations o on o.id = f.organization_id
    where f.token_hash = decode(p ->> 'token_hash', 'hex') and o.closed_at is null;
  if not found then
    return null;
  end if;
  return jsonb_build_object('name', v_found.name, 'organization_id', v_found.id,
    'time_zone', (public.settings_of(v_found.id)).time_zone,
    'bookings', (
      select coalesce(jsonb_agg(jsonb_build_object('id', b.id, 'status', b.status, 'title', b.title, 'service', b.service,
          'notes', left(b.notes, 1000), 'starts_at', b.starts_at, 'ends_at', b.ends_at, 'created_at', b.created_at, 'updated_at', b.updated_at,
          'contact_name', k.name) order by b.starts_at, b.id), '[]')
      from (
        select * from public.bookings b
        where b.organization_id = v_found.id and b.starts_at >= now() - interval '90 days'
          and b.starts_at < now() + interval '1 year'
        order by abs(extract(epoch from b.starts_at - now())), b.id
        limit 5000
      ) b
      join public.contacts k on k.id = b.contact_id
    ));
end
$$;
revoke execute on function public.create_calendar_feed(jsonb), public.read_calendar(jsonb) from public, anon, authenticated;
grant execute on function public.create_calendar_feed(jsonb), public.read_calendar(jsonb) to service_role;
