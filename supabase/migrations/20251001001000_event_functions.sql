-- Events, and changes of an instance's standing with the event that tells of them.

-- Appends one event. The update's lock on the organization is what makes the sequence gapless.
create function public.append_event(p_organization_id text, p_instance_id uuid, p_event jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_sequence bigint;
begin
  update public.organizations set event_seq = event_seq + 1 where id = p_organization_id
    returning event_seq into v_sequence;
  insert into public.events (organization_id, sequence, name, payload, instance_id)
    values (p_organization_id, v_sequence, p_event ->> 'name', p_event -> 'payload', p_instance_id);
  return jsonb_build_object('organization_id', p_organization_id, 'sequence', v_sequence,
    'name', p_event -> 'name', 'payload', p_event -> 'payload');
end
$$;

create function public.set_instance_status(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_epoch constant bigint := (p ->> 'epoch')::bigint;
  v_has_event constant boolean := coalesce(jsonb_typeof(p -> 'event'), 'null') = 'object';
  v_organization_id text;
  v_current bigint;
begin
  select organization_id into v_organization_id from public.whatsapp_instances where id = v_id;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  -- First the organization, then the instance: the order of everybody who locks both.
  if v_has_event then
    perform 1 from public.organizations where id = v_organization_id for no key update;
  end if;
  select lease_epoch into v_current from public.whatsapp_instances where id = v_id for no key update;
  if v_current <> v_epoch then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_id)::text;
  end if;
  update public.whatsapp_instances set
      status = coalesce(p ->> 'status', status),
      pairing_method = coalesce(p ->> 'pairing_method', pairing_method),
      desired_state = coalesce(p ->> 'desired_state', desired_state),
      phone_number = case when p ? 'phone_number' then p ->> 'phone_number' else phone_number end,
      account_phone = case when p ? 'account_phone' then p ->> 'account_phone' else account_phone end,
      account_lid = case when p ? 'account_lid' then p ->> 'account_lid' else account_lid end,
      last_connected_at = case when (p ->> 'last_connected_at')::boolean then now() else last_connected_at end,
      last_disconnect_reason = case when p ? 'reason' then p ->> 'reason' else last_disconnect_reason end
    where id = v_id;
  return jsonb_build_object('event',
    case when v_has_event then public.append_event(v_organization_id, v_id, p -> 'event') end);
end
$$;
