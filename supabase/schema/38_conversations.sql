-- Conversations: contacts by their last message, and up to where somebody has read what they wrote.

-- Marks everything of a contact as read and tells so. `chats`: what was not, the last 1,000 messages at most. Null for a contact that
-- is not there.
create or replace function public.read_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_id uuid;
  v_read_until bigint;
  v_last bigint;
  v_count int;
  v_instance_id uuid;
  v_chats jsonb;
begin
  -- Before that it may become part of another one.
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  v_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  select k.read_until into v_read_until
    from public.contacts k where k.id = v_id and k.organization_id = v_organization_id;
  if not found then
    return null;
  end if;
  with unread as materialized (
    select m.ordinal, m.instance_id, m.chat_jid, m.whatsapp_message_id
    from public.messages m
    where m.contact_id = v_id and m.ordinal > v_read_until and m.direction = 'inbound'
    order by m.ordinal desc
    limit 1000
  ), chats as (
    select u.instance_id, u.chat_jid, jsonb_agg(u.whatsapp_message_id order by u.ordinal) as ids
    from unread u
    where u.chat_jid is not null and u.whatsapp_message_id is not null
    group by u.instance_id, u.chat_jid
  )
  select max(u.ordinal), count(*), (array_agg(u.instance_id order by u.ordinal desc))[1],
      (select jsonb_agg(to_jsonb(c)) from chats c)
    into v_last, v_count, v_instance_id, v_chats
    from unread u;
  if v_count = 0 then
    return '{"count": 0, "chats": [], "events": []}'::jsonb;
  end if;
  update public.contacts set read_until = v_last where id = v_id;
  return jsonb_build_object('count', v_count, 'chats', coalesce(v_chats, '[]'),
    'events', public.append_events(jsonb_build_array(public.read_event(v_organization_id, v_instance_id, v_id))));
end
$$;

-- What a `whatsapp:contact` event tells of a contact that has nothing unread any more, or less.
create or replace function public.read_event(p_organization_id text, p_instance_id uuid, p_contact_id uuid) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('organization_id', p_organization_id, 'instance_id', p_instance_id, 'name', 'whatsapp:contact',
    'payload', jsonb_build_object('instanceId', p_instance_id, 'contactId', p_contact_id, 'change', 'read',
      'timestamp', public.event_time(now())))
$$;

-- Notes that messages were read on another device of the account: of each contact everything up to there. `unknown`: the places of
-- those that are not stored, maybe not yet.
create or replace function public.note_read(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_found jsonb;
  v_told jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object('place', e.place - 1, 'contact_id', f.contact_id, 'ordinal', f.ordinal,
      'instance_id', f.instance_id, 'organization_id', f.organization_id)), '[]')
    into v_found
    from jsonb_array_elements(p -> 'items') with ordinality as e (item, place)
    left join lateral (
      select k.id as contact_id, m.ordinal, m.instance_id, k.organization_id
      from public.whatsapp_instances i
      join public.contacts k on k.organization_id = i.organization_id
        and (k.lid = e.item ->> 'lid' or k.phone_number = e.item ->> 'phone')
      join public.messages m on m.instance_id = i.id and m.direction = 'inbound' and m.chat_key = k.id::text
        and m.whatsapp_message_id = e.item ->> 'whatsapp_message_id'
      where i.id = (e.item ->> 'instance_id')::uuid
      limit 1
    ) f on true;
  perform 1 from public.organizations o
    where o.id in (select f ->> 'organization_id' from jsonb_array_elements(v_found) f)
    order by o.id
    for no key update;
  with last as (
    select (f ->> 'contact_id')::uuid as contact_id, max((f ->> 'ordinal')::bigint) as ordinal,
      min(f ->> 'instance_id')::uuid as instance_id
    from jsonb_array_elements(v_found) f
    where f ->> 'contact_id' is not null
    group by f ->> 'contact_id'
  ), marked as (
    update public.contacts k set read_until = l.ordinal
      from last l
      where k.id = l.contact_id and k.read_until < l.ordinal
      returning k.organization_id, k.id, l.instance_id
  )
  select jsonb_agg(public.read_event(m.organization_id, m.instance_id, m.id) order by m.id) into v_told from marked m;
  return jsonb_build_object('events', public.append_events(coalesce(v_told, '[]')), 'unknown', (
    select coalesce(jsonb_agg(f -> 'place'), '[]') from jsonb_array_elements(v_found) f where f ->> 'contact_id' is null
  ));
end
$$;

-- Contacts of an organization by their last message, the newest first, before the one with the ordinal `before`; as read_page. Messages
-- are walked, and of each contact the last one counts: the index of their order is enough, and receiving has none more to keep.
create or replace function public.list_conversations(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  open v_page for execute
    'select jsonb_build_object(
        ''ordinal'', m.ordinal,
        ''contact'', jsonb_build_object(''id'', k.id, ''organization_id'', k.organization_id, ''phone_number'', k.phone_number,
          ''lid'', k.lid, ''name'', k.name, ''name_source'', k.name_source, ''created_at'', k.created_at,
          ''updated_at'', k.updated_at, ''last_message_at'', k.last_message_at),
        ''last_message'', to_jsonb(m) - array[''secret'', ''payload'', ''request'', ''request_hash'', ''idempotency_key''],
        ''unread_count'', (
          select count(*) from (
            select from public.messages u
            where u.contact_id = k.id and u.ordinal > k.read_until and u.direction = ''inbound''
            limit 1000
          ) u
        ),
        ''open_booking'', (
          select to_jsonb(b) from public.bookings b
          where b.contact_id = k.id and b.status = ''pending''
          order by b.created_at, b.id
          limit 1
        ))
      from public.messages m
      join public.contacts k on k.id = m.contact_id
      where m.organization_id = $1 and m.ordinal < $2
        and m.ordinal = (select max(n.ordinal) from public.messages n where n.contact_id = m.contact_id)
      order by m.ordinal desc
      limit $3'
    using p ->> 'organization_id', coalesce((p ->> 'before')::bigint, 9223372036854775807),
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  return public.read_page(v_page);
end
$$;

-- Over which number the last message of a contact went; null where there is none.
create or replace function public.last_instance_of(p_contact_id uuid) returns uuid
  language sql stable
  set search_path = ''
as $$
  select m.instance_id from public.messages m where m.contact_id = p_contact_id order by m.ordinal desc limit 1
$$;

-- Names a contact, or lets its own name come back with its next message, where `name` is null: `{ id, events }`, null for one that is
-- not there.
create or replace function public.rename_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_id uuid;
  v_instance_id uuid;
  v_name constant text := p ->> 'name';
begin
  -- Before that it may become part of another one.
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  v_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  if not exists (select from public.contacts k where k.id = v_id and k.organization_id = v_organization_id) then
    return null;
  end if;
  update public.contacts k
    set name = coalesce(v_name, k.name),
      name_source = case when v_name is not null then 'person' when k.name_source = 'person' then 'push' else k.name_source end
    where k.id = v_id and (k.name, k.name_source) is distinct from
      (coalesce(v_name, k.name), case when v_name is not null then 'person' when k.name_source = 'person' then 'push'
        else k.name_source end);
  if not found then
    return jsonb_build_object('id', v_id, 'events', '[]'::jsonb);
  end if;
  v_instance_id := public.last_instance_of(v_id);
  return jsonb_build_object('id', v_id, 'events', public.append_events(jsonb_build_array(jsonb_build_object(
    'organization_id', v_organization_id, 'instance_id', v_instance_id, 'name', 'whatsapp:contact',
    'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_instance_id, 'contactId', v_id, 'change', 'renamed',
      'timestamp', public.event_time(now())))))));
end
$$;

revoke execute on function
  public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb), public.list_conversations(jsonb),
  public.last_instance_of(uuid), public.rename_contact(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb), public.list_conversations(jsonb),
  public.last_instance_of(uuid), public.rename_contact(jsonb)
  to service_role;
