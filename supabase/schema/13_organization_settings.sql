-- What an organization decides for itself.

create table if not exists public.organization_settings (
  organization_id text primary key references public.organizations (id) on delete cascade,
  -- What opens bookings; null: as the service is configured.
  booking_policy text check (booking_policy in ('one-open', 'every-message', 'off')),
  -- Name of the time zone database.
  time_zone text not null default 'UTC',
  -- The first is written to whoever speaks none of the others, as far as that is known.
  languages text[] not null default '{en}' check (cardinality(languages) between 1 and 10),
  -- { weekly: [{ day, opens, closes }], exceptions: [{ date, intervals: [{ opens, closes }] }] }; null: always open.
  office_hours jsonb,
  -- [{ id, name, duration_minutes, price }]
  services jsonb not null default '[]',
  -- By occasion: { enabled, texts: { <language>: <template> } }.
  automatic_replies jsonb not null default '{}',
  -- What new instances begin with.
  history_policy text not null default 'store' check (history_policy in ('ignore', 'store', 'contacts')),
  group_policy text not null default 'ignore' check (group_policy in ('ignore', 'store')),
  updated_at timestamptz not null default now()
);
alter table public.organization_settings enable row level security;
revoke all on public.organization_settings from public, anon, authenticated;
grant select, insert, update, delete on public.organization_settings to service_role;
grant select on public.organization_settings to authenticated;
drop policy if exists members_read on public.organization_settings;
create policy members_read on public.organization_settings for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- The settings of an organization, or those of one that never made any.
create or replace function public.settings_of(p_organization_id text) returns public.organization_settings
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_settings public.organization_settings;
begin
  select * into v_settings from public.organization_settings s where s.organization_id = p_organization_id;
  return case when found then v_settings
    else row(p_organization_id, null, 'UTC', '{en}', null, '[]', '{}', 'store', 'ignore', null)::public.organization_settings end;
end
$$;

-- What settings are to those who call.
create or replace function public.settings_row(p_settings public.organization_settings) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_settings) || jsonb_build_object(
    'version', coalesce((extract(epoch from p_settings.updated_at) * 1000000)::bigint, 0)::text)
$$;

-- Null where there is no such organization.
create or replace function public.read_settings(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select public.settings_row(public.settings_of(o.id)) from public.organizations o where o.id = p ->> 'organization_id'
  );
end
$$;

-- Changes the settings that are named and keeps the others; null where there is no such organization. With `versions` only a state of
-- them that the caller has seen. `unknown_time_zone`: the database knows no such zone, and nothing is changed.
create or replace function public.write_settings(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_closed_at timestamptz;
  v_settings public.organization_settings;
begin
  select o.closed_at into v_closed_at from public.organizations o where o.id = p ->> 'organization_id' for no key update;
  if not found then
    return null;
  end if;
  if v_closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  v_settings := public.settings_of(p ->> 'organization_id');
  if p ? 'versions' and not p -> 'versions' ? (public.settings_row(v_settings) ->> 'version') then
    raise exception using errcode = 'AZ410', message = 'changed_meanwhile';
  end if;
  v_settings := jsonb_populate_record(v_settings, p -> 'changes');
  begin
    perform now() at time zone v_settings.time_zone;
  exception when invalid_parameter_value then
    return '{"unknown_time_zone": true}'::jsonb;
  end;
  v_settings.organization_id := p ->> 'organization_id';
  -- Never the version of another state, however fast changes follow one another.
  v_settings.updated_at := greatest(now(), v_settings.updated_at + interval '1 microsecond');
  delete from public.organization_settings s where s.organization_id = v_settings.organization_id;
  insert into public.organization_settings select v_settings.*;
  return public.settings_row(v_settings);
end
$$;

-- What opens bookings in an organization; `p_default`: where it said nothing.
create or replace function public.booking_policy_of(p_organization_id text, p_default text) returns text
  language plpgsql stable
  set search_path = ''
as $$
begin
  return coalesce((
    select s.booking_policy from public.organization_settings s where s.organization_id = p_organization_id
  ), p_default);
end
$$;

-- The hours at which an organization is open, around a time: those of a date that is an exception, and else those of its weekday.
-- Local times, so that they move with daylight saving.
create or replace function public.open_hours(p_settings public.organization_settings, p_at timestamptz, p_days int,
    out opens_at timestamptz, out closes_at timestamptz)
  returns setof record
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_zone constant text := p_settings.time_zone;
begin
  return query
    select (d.day + (i.hours ->> 'opens')::interval) at time zone v_zone,
      (d.day + (i.hours ->> 'closes')::interval) at time zone v_zone
    from (
      select date_trunc('day', p_at at time zone v_zone) + make_interval(days => n.number) as day
      from generate_series(-p_days, p_days) as n (number)
    ) d
    left join lateral (
      select e.exception -> 'intervals' as intervals
      from jsonb_array_elements(coalesce(p_settings.office_hours -> 'exceptions', '[]')) as e (exception)
      where (e.exception ->> 'date')::date = d.day::date
      limit 1
    ) x on true
    cross join lateral (
      select h.hours from jsonb_array_elements(x.intervals) as h (hours)
      union all
      select h.hours
      from jsonb_array_elements(coalesce(p_settings.office_hours -> 'weekly', '[]')) as h (hours)
      where x.intervals is null and h.hours ->> 'day' = trim(to_char(d.day, 'day'))
    ) i;
end
$$;

-- Whether an organization is closed at a time, since when, and when it opens again: null where that is further than a month away.
create or replace function public.closed_hours(p_settings public.organization_settings, p_at timestamptz, out is_closed boolean,
    out since timestamptz, out until timestamptz)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_found record;
begin
  is_closed := p_settings.office_hours is not null and not exists (
    select from public.open_hours(p_settings, p_at, 1) h where h.opens_at <= p_at and p_at < h.closes_at
  );
  if is_closed then
    select max(h.closes_at) filter (where h.closes_at <= p_at) as since, min(h.opens_at) filter (where h.opens_at > p_at) as until
      into v_found
      from public.open_hours(p_settings, p_at, 31) h
      where h.opens_at < h.closes_at;
    since := v_found.since;
    until := v_found.until;
  end if;
end
$$;

revoke execute on function
  public.settings_of(text), public.settings_row(public.organization_settings), public.read_settings(jsonb),
  public.write_settings(jsonb), public.booking_policy_of(text, text),
  public.open_hours(public.organization_settings, timestamptz, int), public.closed_hours(public.organization_settings, timestamptz)
  from public, anon, authenticated;
grant execute on function
  public.settings_of(text), public.settings_row(public.organization_settings), public.read_settings(jsonb),
  public.write_settings(jsonb), public.booking_policy_of(text, text),
  public.open_hours(public.organization_settings, timestamptz, int), public.closed_hours(public.organization_settings, timestamptz)
  to service_role;
