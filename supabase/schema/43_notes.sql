-- Notes that people write here, beside those that the owner writes on the phone.

-- What a note is to those who call.
create or replace function public.note_row(p_note public.notes) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return to_jsonb(p_note) - 'secret' || public.note_extras(p_note) || jsonb_build_object(
    'version', (extract(epoch from coalesce(p_note.edited_at, p_note.created_at)) * 1000000)::bigint::text);
end
$$;

-- Tells what somebody did to a note.
create or replace function public.note_event(p_note public.notes, p_change text) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return public.append_event(p_note.organization_id, p_note.instance_id, jsonb_build_object(
    'name', 'whatsapp:note', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_note.instance_id, 'noteId', p_note.id,
      'contactId', p_note.contact_id, 'change', p_change, 'timestamp', public.event_time(now())))));
end
$$;

-- One note; null where there is none.
create or replace function public.find_note(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select public.note_row(n) from public.notes n
  where n.id = (p ->> 'id')::uuid and n.organization_id = p ->> 'organization_id'
$$;

-- Writes a note on a contact, once under an idempotency key: `{ note, events, is_replay }`, null where there is no such contact.
create or replace function public.create_note(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_closed_at timestamptz;
  v_known public.idempotency_keys;
  v_contact_id uuid;
  v_note public.notes;
begin
  select o.closed_at into v_closed_at from public.organizations o where o.id = v_organization_id for no key update;
  v_known := public.begin_once(v_organization_id, p -> 'once');
  if v_known.object_id is not null then
    return jsonb_build_object('note', public.find_note(jsonb_build_object('organization_id', v_organization_id,
      'id', v_known.object_id)), 'events', '[]'::jsonb, 'is_replay', true);
  end if;
  if v_closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  -- Before the organization is held it may become part of another one.
  v_contact_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  if not exists (select from public.contacts k where k.id = v_contact_id and k.organization_id = v_organization_id) then
    return null;
  end if;
  perform public.refuse_while_erased(public.ids_of_contact(v_contact_id));
  insert into public.notes (organization_id, contact_id, content, content_type, chat_key, created_by)
    values (v_organization_id, v_contact_id, p ->> 'text', 'note', v_contact_id::text, p -> 'by')
    returning * into v_note;
  perform public.end_once(v_organization_id, p -> 'once', v_note.id::text);
  return jsonb_build_object('note', public.note_row(v_note),
    'events', jsonb_build_array(public.note_event(v_note, 'created')), 'is_replay', false);
end
$$;

-- Holds a note that `by` may change; not found where there is none. With `versions` only a state of it that the caller has seen.
create or replace function public.hold_note(p jsonb) returns public.notes
  language plpgsql
  set search_path = ''
as $$
declare
  v_note public.notes;
begin
  perform 1 from public.organizations o where o.id = p ->> 'organization_id' for no key update;
  select * into v_note from public.notes n
    where n.id = (p ->> 'id')::uuid and n.organization_id = p ->> 'organization_id'
    for no key update;
  if not found then
    return null;
  end if;
  if v_note.created_by is null then
    raise exception using errcode = 'AZ410', message = 'note_of_phone';
  end if;
  if not (p ->> 'is_manager')::boolean
      and (v_note.created_by ->> 'kind', v_note.created_by ->> 'id') is distinct from (p -> 'by' ->> 'kind', p -> 'by' ->> 'id') then
    raise exception using errcode = 'AZ403', message = 'note_of_another';
  end if;
  if p ? 'versions' and not p -> 'versions' ? (public.note_row(v_note) ->> 'version') then
    raise exception using errcode = 'AZ410', message = 'changed_meanwhile';
  end if;
  return v_note;
end
$$;

-- Writes a note anew: `{ note, events }`, null where there is none.
create or replace function public.change_note(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_note public.notes := public.hold_note(p);
begin
  if v_note.id is null then
    return null;
  end if;
  if v_note.content = p ->> 'text' then
    return jsonb_build_object('note', public.note_row(v_note), 'events', '[]'::jsonb);
  end if;
  update public.notes n set content = p ->> 'text', edited_at = clock_timestamp()
    where n.id = v_note.id
    returning * into v_note;
  return jsonb_build_object('note', public.note_row(v_note),
    'events', jsonb_build_array(public.note_event(v_note, 'edited')));
end
$$;

-- Deletes a note: `{ events }`, null where there is none.
create or replace function public.delete_note(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_note public.notes := public.hold_note(p);
begin
  if v_note.id is null then
    return null;
  end if;
  delete from public.notes n where n.id = v_note.id;
  return jsonb_build_object('events', jsonb_build_array(public.note_event(v_note, 'deleted')));
end
$$;

revoke execute on function
  public.note_row(public.notes), public.note_event(public.notes, text), public.find_note(jsonb), public.create_note(jsonb),
  public.hold_note(jsonb), public.change_note(jsonb), public.delete_note(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.note_row(public.notes), public.note_event(public.notes, text), public.find_note(jsonb), public.create_note(jsonb),
  public.hold_note(jsonb), public.change_note(jsonb), public.delete_note(jsonb)
  to service_role;
