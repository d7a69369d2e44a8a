-- Bookings that people make and change.

-- What a booking is to those who call.
create or replace function public.booking_row(p_booking public.bookings) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_booking) - '{idempotency_key,request_hash}'::text[]
    || jsonb_build_object('version', (extract(epoch from p_booking.updated_at) * 1000000)::bigint::text)
$$;

-- Tells of a booking that is new, or is not what it was.
create or replace function public.booking_event(p_booking public.bookings, p_previous_status text) returns jsonb
  language sql
  set search_path = ''
as $$
  select public.append_event(p_booking.organization_id, p_booking.instance_id, jsonb_build_object(
    'name', 'whatsapp:booking', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_booking.instance_id,
      'bookingId', p_booking.id, 'contactId', p_booking.contact_id, 'status', p_booking.status,
      'previousStatus', p_previous_status, 'reason', p_booking.reason, 'timestamp', public.event_time(now())))))
$$;

-- One booking; null where there is none.
create or replace function public.find_booking(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select public.booking_row(b) from public.bookings b
  where b.id = (p ->> 'id')::uuid and b.organization_id = p ->> 'organization_id'
$$;

-- The service of an organization that a booking names.
create or replace function public.service_named(p_organization_id text, p_service_id text) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_service jsonb;
begin
  select e.service into v_service
    from jsonb_array_elements((public.settings_of(p_organization_id)).services) as e (service)
    where e.service ->> 'id' = lower(p_service_id);
  if not found then
    raise exception using errcode = 'AZ410', message = 'unknown_service';
  end if;
  return v_service;
end
$$;

-- When a service ends that begins then.
create or replace function public.end_of_service(p_service jsonb, p_starts_at timestamptz) returns timestamptz
  language sql immutable
  set search_path = ''
as $$
  select p_starts_at + make_interval(mins => (p_service ->> 'duration_minutes')::int)
$$;

-- Makes a booking of a contact, once under an idempotency key: `{ booking, events, is_replay }`, null where there is no such contact.
create or replace function public.create_booking(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_contact_id uuid;
  v_closed_at timestamptz;
  v_service jsonb;
  v_booking public.bookings;
begin
  select o.closed_at into v_closed_at from public.organizations o where o.id = v_organization_id for no key update;
  if p ? 'idempotency_key' then
    select * into v_booking
      from public.bookings b
      where b.organization_id = v_organization_id and b.idempotency_key = p ->> 'idempotency_key';
    if found then
      if v_booking.request_hash is distinct from p ->> 'request_hash' then
        raise exception using errcode = 'AZ410', message = 'idempotency_key_reused';
      end if;
      return jsonb_build_object('booking', public.booking_row(v_booking), 'events', '[]'::jsonb, 'is_replay', true);
    end if;
  end if;
  if v_closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  -- Before the organization is held it may become part of another one.
  v_contact_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  perform 1 from public.contacts k
    where k.id = v_contact_id and k.organization_id = v_organization_id
    for key share;
  if not found then
    return null;
  end if;
  if p ->> 'service_id' is not null then
    v_service := public.service_named(v_organization_id, p ->> 'service_id');
  end if;
  insert into public.bookings (organization_id, contact_id, instance_id, status, source, title, notes, starts_at, ends_at,
      idempotency_key, request_hash, service_id, service)
    values (v_organization_id, v_contact_id, public.last_instance_of(v_contact_id), coalesce(p ->> 'status', 'pending'), 'api', p ->> 'title', p ->> 'notes', (p ->> 'starts_at')::timestamptz,
      coalesce((p ->> 'ends_at')::timestamptz, public.end_of_service(v_service, (p ->> 'starts_at')::timestamptz)),
      p ->> 'idempotency_key', p ->> 'request_hash', (v_service ->> 'id')::uuid, v_service ->> 'name')
    returning * into v_booking;
  return jsonb_build_object('booking', public.booking_row(v_booking),
    'events', jsonb_build_array(public.booking_event(v_booking, null)) || public.reply_about_booking(v_booking), 'is_replay', false);
end
$$;

-- Changes a booking: `{ booking, events }`, null where there is none. What `changes` does not name stays as it is. With `versions` only
-- a state of it that the caller has seen.
create or replace function public.change_booking(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_changes constant jsonb := p -> 'changes';
  v_before public.bookings;
  v_after public.bookings;
  v_service jsonb;
  v_events jsonb;
begin
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  select * into v_before
    from public.bookings b
    where b.id = (p ->> 'id')::uuid and b.organization_id = v_organization_id
    for no key update;
  if not found then
    return null;
  end if;
  if p ? 'versions' and not p -> 'versions' ? (public.booking_row(v_before) ->> 'version') then
    raise exception using errcode = 'AZ410', message = 'changed_meanwhile';
  end if;
  v_after := jsonb_populate_record(v_before, v_changes);
  if v_changes ->> 'service_id' is not null then
    v_service := public.service_named(v_organization_id, v_changes ->> 'service_id');
    v_after.service := v_service ->> 'name';
  elsif v_changes ? 'service_id' then
    v_after.service := null;
  end if;
  if v_service is not null and v_after.starts_at is not null and not v_changes ? 'ends_at' then
    v_after.ends_at := public.end_of_service(v_service, v_after.starts_at);
  elsif v_after.service_id is not null and v_changes ? 'starts_at' and not v_changes ? 'ends_at' then
    -- It is moved, and takes as long as before.
    v_after.ends_at := v_after.starts_at + coalesce(v_before.ends_at - v_before.starts_at, (
      select make_interval(mins => (e.service ->> 'duration_minutes')::int)
      from jsonb_array_elements((public.settings_of(v_organization_id)).services) as e (service)
      where (e.service ->> 'id')::uuid = v_after.service_id
    ));
  end if;
  if v_after.status <> v_before.status and not (
    v_before.status = 'pending' and v_after.status in ('confirmed', 'cancelled')
    or v_before.status = 'confirmed' and v_after.status in ('completed', 'cancelled')
  ) then
    raise exception using errcode = 'AZ410', message = 'invalid_transition';
  end if;
  if v_after.ends_at is not null and (v_after.starts_at is null or v_after.ends_at <= v_after.starts_at) then
    raise exception using errcode = 'AZ410', message = 'booking_ends_too_early';
  end if;
  if v_after is not distinct from v_before then
    return jsonb_build_object('booking', public.booking_row(v_before), 'events', '[]'::jsonb);
  end if;
  update public.bookings b
    set status = v_after.status, title = v_after.title, notes = v_after.notes, starts_at = v_after.starts_at,
      ends_at = v_after.ends_at, service_id = v_after.service_id, service = v_after.service
    where b.id = v_before.id
    returning * into v_after;
  v_events := jsonb_build_array(public.booking_event(v_after,
    case when v_after.status <> v_before.status then v_before.status end));
  if v_after.status <> v_before.status then
    v_events := v_events || public.reply_about_booking(v_after);
  end if;
  return jsonb_build_object('booking', public.booking_row(v_after), 'events', v_events);
end
$$;

revoke execute on function
  public.booking_row(public.bookings), public.booking_event(public.bookings, text), public.find_booking(jsonb),
  public.service_named(text, text), public.end_of_service(jsonb, timestamptz),
  public.create_booking(jsonb), public.change_booking(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.booking_row(public.bookings), public.booking_event(public.bookings, text), public.find_booking(jsonb),
  public.service_named(text, text), public.end_of_service(jsonb, timestamptz),
  public.create_booking(jsonb), public.change_booking(jsonb)
  to service_role;
