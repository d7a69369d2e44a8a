-- Messages that we send: stored before they leave, then resolved.

create function public.begin_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_phone constant text := nullif(p ->> 'phone', '');
  v_lid constant text := nullif(p ->> 'lid', '');
  v_contact_id uuid;
  v_message_id uuid;
begin
  perform 1 from public.organizations where id = v_organization_id for no key update;
  if not exists (
    select from public.whatsapp_instances where id = v_instance_id and organization_id = v_organization_id
  ) then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  if (v_phone is not null or v_lid is not null) and not exists (
    select from public.whatsapp_instances i
    where i.organization_id = v_organization_id and i.deleted_at is null
      and (v_phone in (i.phone_number, i.account_phone) or v_lid = i.account_lid)
  ) then
    v_contact_id := public.resolve_person(v_organization_id, v_phone, v_lid, 'off');
    update public.contacts set last_message_at = greatest(last_message_at, now()) where id = v_contact_id;
  end if;
  insert into public.messages as m (organization_id, contact_id, instance_id, direction, content, content_type,
      whatsapp_message_id, chat_jid, chat_key, status)
    values (v_organization_id, v_contact_id, v_instance_id, 'outbound', p ->> 'content',
      coalesce(p ->> 'content_type', 'conversation'), p ->> 'whatsapp_message_id', p ->> 'chat_jid',
      coalesce(v_contact_id::text, p ->> 'chat_jid', ''), 'pending')
    on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update set updated_at = now()
    returning m.id into v_message_id;
  return jsonb_build_object('message_id', v_message_id, 'contact_id', v_contact_id);
end
$$;

-- How far an outbound message has come; a status never goes back to one before it.
create function public.outbound_rank(p_status text) returns int
  language sql immutable parallel safe
  return array_position(array['pending', 'unknown', 'failed', 'sent', 'delivered', 'read'], p_status);

create function public.finish_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_status constant text := p ->> 'status';
  v_message public.messages;
begin
  if v_status is null or v_status not in ('sent', 'failed', 'unknown') then
    raise exception 'no result of sending: %', v_status using errcode = '22023';
  end if;
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    raise exception 'message not found' using errcode = 'AZ404';
  end if;
  if public.outbound_rank(v_status) > public.outbound_rank(v_message.status) then
    update public.messages set status = v_status, error = p ->> 'error' where id = v_message.id;
    if v_status = 'sent' then
      update public.whatsapp_instances set messages_sent_count = messages_sent_count + 1
        where id = v_message.instance_id;
    end if;
  end if;
  return '{}';
end
$$;

create function public.apply_receipts(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instances uuid[];
  v_changed int;
begin
  with receipts as (
    select e.instance_id, e.whatsapp_message_id, max(public.outbound_rank(e.status)) as rank
    from jsonb_to_recordset(p -> 'items') as e (instance_id uuid, whatsapp_message_id text, status text)
    where e.status in ('sent', 'delivered', 'read')
    group by e.instance_id, e.whatsapp_message_id
  ), held as materialized (
    select m.id, m.instance_id, m.status, r.rank
    from receipts r
    join public.messages m on m.instance_id = r.instance_id and m.direction = 'outbound'
      and m.whatsapp_message_id = r.whatsapp_message_id
    where r.rank > public.outbound_rank(m.status)
      and (m.status <> 'failed' or r.rank > public.outbound_rank('sent'))
    order by m.id
    for update of m
  ), raised as (
    update public.messages m
      set status = (array['sent', 'delivered', 'read'])[h.rank - public.outbound_rank('sent') + 1], error = null
      from held h
      where m.id = h.id
      returning m.instance_id, h.status as was
  )
  -- The first receipt of a message whose sending was in doubt is what tells that it was sent.
  select count(*), array_agg(r.instance_id) filter (where r.was in ('pending', 'unknown', 'failed'))
    into v_changed, v_instances
    from raised r;
  if v_instances is not null then
    perform 1 from public.whatsapp_instances i where i.id = any (v_instances) order by i.id for no key update;
    update public.whatsapp_instances i
      set messages_sent_count = i.messages_sent_count + c.messages
      from (select s.id, count(*) as messages from unnest(v_instances) as s (id) group by s.id) c
      where i.id = c.id;
  end if;
  return jsonb_build_object('changed', v_changed);
end
$$;
