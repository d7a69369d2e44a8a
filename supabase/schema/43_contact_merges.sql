-- Contacts that people merge, and what they take back of it.

-- A contact under any id that it ever had; null where there is none.
create or replace function public.find_contact(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', c.id, 'organization_id', c.organization_id, 'phone_number', c.phone_number, 'lid', c.lid,
    'name', c.name, 'name_source', c.name_source, 'created_at', c.created_at, 'updated_at', c.updated_at,
    'last_message_at', c.last_message_at)
  from public.contacts c
  where c.organization_id = p ->> 'organization_id'
    and c.id = public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid)
$$;

-- What became part of a contact, the last first and 200 at most: merged by a person (`merge_id` undoes it), or because WhatsApp told
-- that they are one person.
create or replace function public.list_merges(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(m) order by m.merged_at desc, m.contact_id), '[]')
  from (
    select * from (
      select c.id as merge_id, c.contact_id, c.merged_into, c.merged_at, 'person' as merged_by, k.phone_number, k.lid, k.name
      from public.contacts k
      join public.contact_merges c on c.contact_id = k.id
      where k.merged_into = (p ->> 'contact_id')::uuid and k.organization_id = p ->> 'organization_id'
      union all
      select null, c.contact_id, c.merged_into, c.merged_at, 'whatsapp', null, null, null
      from public.merged_contacts c
      where c.organization_id = p ->> 'organization_id' and c.merged_into in (
        select (p ->> 'contact_id')::uuid
        union all
        select k.id from public.contacts k where k.merged_into = (p ->> 'contact_id')::uuid
      )
    ) a
    order by a.merged_at desc, a.contact_id
    limit 200
  ) m
$$;

-- Refuses what would change whose things are while everything of somebody is being erased.
create or replace function public.refuse_while_erased(p_contact_ids uuid[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  if exists (
    select from public.erasures e where e.erased_at is null and e.contact_id = any (p_contact_ids)
  ) then
    raise exception using errcode = 'AZ410', message = 'contact_being_erased';
  end if;
end
$$;

-- The ordinal of the first message of a contact that nobody has read; null where all are read.
create or replace function public.first_unread(p_contact public.contacts) returns bigint
  language sql stable
  set search_path = ''
as $$
  select m.ordinal from public.messages m
  where m.contact_id = p_contact.id and m.ordinal > p_contact.read_until and m.direction = 'inbound'
  order by m.ordinal
  limit 1
$$;

-- When a contact last wrote or was written to.
create or replace function public.last_message_time(p_contact_id uuid) returns timestamptz
  language sql stable
  set search_path = ''
as $$
  select max(least(m.sent_at, m.created_at)) from public.messages m where m.contact_id = p_contact_id
$$;

-- Cancels all open bookings of a contact but the oldest, and tells of each; an appointment that a person made is nobody's to cancel but a person's.
create or replace function public.keep_one_booking(p_organization_id text, p_contact_id uuid, p_instance_id uuid) returns uuid[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_booking public.bookings;
  v_cancelled uuid[] := '{}'::uuid[];
begin
  for v_booking in
    update public.bookings set status = 'cancelled'
      where contact_id = p_contact_id and status = 'pending' and source = 'whatsapp' and starts_at is null and id <> (
        select b.id from public.bookings b
        where b.contact_id = p_contact_id and b.status = 'pending'
        order by b.created_at, b.id
        limit 1
      )
      returning *
  loop
    v_cancelled := v_cancelled || v_booking.id;
    perform public.append_event(p_organization_id, p_instance_id, jsonb_build_object(
      'name', 'whatsapp:booking', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_instance_id,
        'bookingId', v_booking.id, 'contactId', p_contact_id, 'status', 'cancelled', 'previousStatus', 'pending',
        'timestamp', public.event_time(now())))));
  end loop;
  return v_cancelled;
end
$$;

-- Makes one contact of two, because a person says so, once under an idempotency key: `{ merge_id, contact_id, events, is_replay }`, null
-- where one of them is not there. Nothing that was unread counts as read by it.
create or replace function public.merge_people(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_organization public.organizations;
  v_kept public.contacts;
  v_lost public.contacts;
  v_instance_id uuid;
  v_read_until bigint;
  v_merge_id uuid;
  v_known public.idempotency_keys;
begin
  select * into v_organization from public.organizations o where o.id = v_organization_id for no key update;
  v_known := public.begin_once(v_organization_id, p -> 'once');
  if v_known.object_id is not null then
    return jsonb_build_object('merge_id', v_known.object_id, 'events', '[]'::jsonb, 'is_replay', true,
      'contact_id', public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid));
  end if;
  if v_organization.closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  select * into v_kept from public.contacts k
    where k.organization_id = v_organization_id and k.id = public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  select * into v_lost from public.contacts k
    where k.organization_id = v_organization_id
      and k.id = public.current_contact(v_organization_id, (p ->> 'merged_contact_id')::uuid);
  if v_kept.id is null or v_lost.id is null then
    return null;
  end if;
  if v_kept.id = v_lost.id then
    raise exception using errcode = 'AZ410', message = 'already_one_contact';
  end if;
  perform public.refuse_while_erased(public.ids_of_contact(v_kept.id) || public.ids_of_contact(v_lost.id));

  -- As if what was read of one had been read of both, but for what is unread.
  v_read_until := least(greatest(v_kept.read_until, v_lost.read_until), public.first_unread(v_kept) - 1,
    public.first_unread(v_lost) - 1);
  insert into public.contact_merges (organization_id, contact_id, merged_into, name, name_source, read_until, merged_read_until)
    values (v_organization_id, v_lost.id, v_kept.id, v_kept.name, v_kept.name_source, v_kept.read_until, v_read_until)
    returning id into v_merge_id;
  perform public.move_conversation(v_lost.id, v_kept.id, null, null, null);
  update public.contacts set merged_into = v_kept.id where id = v_lost.id or merged_into = v_lost.id;
  update public.contacts k
    set name = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name else k.name end,
      name_source = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name_source else k.name_source end,
      last_message_at = greatest(k.last_message_at, v_lost.last_message_at), read_until = v_read_until
    where k.id = v_kept.id;
  v_instance_id := public.last_instance_of(v_kept.id);
  perform public.append_event(v_organization_id, v_instance_id, jsonb_build_object(
    'name', 'whatsapp:contact', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_instance_id,
      'contactId', v_lost.id, 'change', 'merged', 'mergedInto', v_kept.id, 'timestamp', public.event_time(now())))));
  if public.booking_policy_of(v_organization_id, p ->> 'booking_policy') = 'one-open' then
    update public.contact_merges
      set cancelled_bookings = public.keep_one_booking(v_organization_id, v_kept.id, v_instance_id)
      where id = v_merge_id;
  end if;
  perform public.end_once(v_organization_id, p -> 'once', v_merge_id::text);
  return jsonb_build_object('merge_id', v_merge_id, 'contact_id', v_kept.id, 'is_replay', false,
    'events', public.events_since(v_organization_id, v_organization.event_seq));
end
$$;

-- Events of an organization after a sequence, as append_events returns them.
create or replace function public.events_since(p_organization_id text, p_sequence bigint) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence, 'name', e.name,
    'payload', e.payload) order by e.sequence), '[]')
  from public.events e
  where e.organization_id = p_organization_id and e.sequence > p_sequence
$$;

-- Takes a merge back: `{ contact_id, events }`, of the contact that is one of its own again; null where there is no such contact,
-- and without `contact_id` where it has no such merge. What came since goes with the address that it came from or went to.
create or replace function public.unmerge_people(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_organization public.organizations;
  v_from public.contacts;
  v_stayed public.contacts;
  v_merge public.contact_merges;
  v_branch uuid[];
  v_instance_id uuid;
  v_booking public.bookings;
begin
  select * into v_organization from public.organizations o where o.id = v_organization_id for no key update;
  select * into v_from from public.contacts k
    where k.organization_id = v_organization_id and k.id = public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  if not found then
    return null;
  end if;
  select m.* into v_merge
    from public.contact_merges m
    join public.contacts k on k.id = m.contact_id and k.merged_into = v_from.id
    where m.id = (p ->> 'merge_id')::uuid;
  if not found then
    if (p ->> 'merge_id')::uuid = any (public.ids_of_contact(v_from.id)) and exists (
      select from public.merged_contacts m where m.contact_id = (p ->> 'merge_id')::uuid
    ) then
      raise exception using errcode = 'AZ410', message = 'merged_by_whatsapp';
    end if;
    return '{"contact_id": null}'::jsonb;
  end if;
  if v_organization.closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  perform public.refuse_while_erased(public.ids_of_contact(v_from.id));

  v_branch := public.branch_of(v_merge.contact_id);
  perform public.move_conversation(v_from.id, v_merge.contact_id, v_branch, null, null);
  update public.contacts set merged_into = nullif(v_merge.contact_id, id) where id = any (v_branch);
  delete from public.contact_merges where id = v_merge.id;

  -- It has its name again, unless a person named it since.
  select * into v_stayed from public.contacts k where k.id = v_merge.merged_into;
  update public.contacts k
    set name = v_merge.name, name_source = v_merge.name_source
    from public.contacts o
    where k.id = v_stayed.id and o.id = v_merge.contact_id and (k.name, k.name_source) <> (v_merge.name, v_merge.name_source)
      and (k.name_source <> 'person' or (k.name, k.name_source) = (o.name, o.name_source));
  -- What is read of both was read of each.
  update public.contacts k
    set read_until = case
        when v_from.id = v_merge.merged_into and v_from.read_until = v_merge.merged_read_until
          then case k.id when v_from.id then v_merge.read_until else k.read_until end
        else greatest(k.read_until, v_from.read_until) end,
      last_message_at = public.last_message_time(k.id)
    where k.id in (v_from.id, v_merge.contact_id);
  v_instance_id := coalesce(public.last_instance_of(v_merge.contact_id), public.last_instance_of(v_from.id));
  perform public.append_event(v_organization_id, v_instance_id, jsonb_build_object(
    'name', 'whatsapp:contact', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_instance_id,
      'contactId', v_merge.contact_id, 'change', 'unmerged', 'unmergedFrom', v_from.id,
      'timestamp', public.event_time(now())))));
  for v_booking in
    update public.bookings b set status = 'pending'
      where b.id = any (v_merge.cancelled_bookings) and b.status = 'cancelled' and not exists (
        select from public.bookings o where o.contact_id = b.contact_id and o.status = 'pending'
      )
      returning b.*
  loop
    perform public.booking_event(v_booking, 'cancelled');
  end loop;
  -- What is still in the way of the others is what another merge brought there.
  update public.contact_merges m
    set cancelled_bookings = m.cancelled_bookings || array(
        select b.id from public.bookings b
        where b.id = any (v_merge.cancelled_bookings) and b.status = 'cancelled' and b.contact_id = k.merged_into
          and b.id <> all (m.cancelled_bookings)
      )
    from public.contacts k
    where k.id = m.contact_id and k.merged_into in (v_from.id, v_merge.contact_id);
  return jsonb_build_object('contact_id', v_merge.contact_id,
    'events', public.events_since(v_organization_id, v_organization.event_seq));
end
$$;

revoke execute on function
  public.find_contact(jsonb), public.list_merges(jsonb), public.refuse_while_erased(uuid[]), public.first_unread(public.contacts),
  public.last_message_time(uuid), public.keep_one_booking(text, uuid, uuid), public.merge_people(jsonb), public.events_since(text, bigint), public.unmerge_people(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.find_contact(jsonb), public.list_merges(jsonb), public.refuse_while_erased(uuid[]), public.first_unread(public.contacts),
  public.last_message_time(uuid), public.keep_one_booking(text, uuid, uuid), public.merge_people(jsonb), public.events_since(text, bigint), public.unmerge_people(jsonb)
  to service_role;
