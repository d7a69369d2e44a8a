-- What is written in groups, of instances that keep it: no contact, no booking, no conversation.

-- Stores messages of groups, with their events. `stored`: the inbox rows of those that were not there before. `ignored`: of instances that
-- ignore groups by now.
create or replace function public.store_in_groups(p_work public.ingest_work[], out stored bigint[], out ignored bigint[],
    out events jsonb)
  language plpgsql
  set search_path = ''
as $$
-- `events` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_one record;
  v_group public.groups;
  v_id uuid;
begin
  stored := '{}';
  ignored := '{}';
  events := '[]'::jsonb;
  for v_one in
    select w.*, i.group_policy, coalesce(i.account_phone, i.phone_number) as own_phone
    from unnest(p_work) w
    join public.whatsapp_instances i on i.id = w.instance_id
    where w.action = 'group'
    order by w.position
  loop
    if v_one.group_policy <> 'store' then
      ignored := ignored || v_one.inbox_id;
      continue;
    end if;
    v_group := public.group_of(v_one.organization_id, v_one.instance_id, v_one.chat);
    insert into public.messages (organization_id, instance_id, direction, content, content_type, whatsapp_message_id, chat_jid,
        chat_key, status, inbox_id, sent_at, type, metadata, reply_to, mentions, is_forwarded, is_view_once, secret, group_id,
        sender_phone, sender_lid, sender_name)
      values (v_one.organization_id, v_one.instance_id, case when v_one.from_me then 'outbound' else 'inbound' end, v_one.content,
        v_one.content_type, v_one.message_id, v_one.chat,
        public.group_chat_key(v_one.chat, v_one.from_me, v_one.lid, v_one.phone),
        case when v_one.from_me then 'sent' else 'received' end, v_one.inbox_id, v_one.sent_at,
        coalesce(v_one.detail ->> 'type', 'text'), v_one.detail -> 'metadata', v_one.detail -> 'reply_to',
        v_one.detail -> 'mentions', v_one.detail ? 'is_forwarded' is true, v_one.detail ? 'is_view_once' is true,
        decode(v_one.detail ->> 'secret', 'base64'), v_group.id, v_one.phone, v_one.lid, v_one.push_name)
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning id into v_id;
    continue when not found;
    stored := stored || v_one.inbox_id;
    events := events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:group-message', 'payload', public.message_payload(v_one.instance_id, v_one.message_id,
        coalesce(public.person_name(v_one.phone, v_one.lid), case when v_one.from_me then v_one.own_phone end),
        v_one.content, v_one.sent_at, null, null, v_one.detail)
        || jsonb_strip_nulls(jsonb_build_object('id', v_id, 'groupId', v_group.id, 'subject', v_group.subject,
          'name', v_one.push_name, 'fromMe', v_one.from_me))));
  end loop;
  if exists (select 1 from unnest(p_work) w where w.action = 'group' and w.detail ? 'media') then
    perform public.store_media(p_work, stored);
  end if;
end
$$;

-- Whether somebody may do to a message of a group what its author alone may, or an admin: take it back.
create or replace function public.may_change_in_group(p_change public.ingest_work, p_id uuid) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from public.messages m
    where m.id = p_id and case
      when p_change.from_me or m.direction = 'outbound' then p_change.from_me and m.direction = 'outbound'
      else m.sender_lid = p_change.lid or m.sender_phone = p_change.phone end
  ) or p_change.detail ->> 'kind' = 'delete' and exists (
    select from public.messages m
    join public.group_members a on a.group_id = m.group_id and a.role in ('admin', 'owner')
    join public.whatsapp_instances i on i.id = m.instance_id
    where m.id = p_id and (
      a.lid = case when p_change.from_me then i.account_lid else p_change.lid end
      or a.phone = case when p_change.from_me then i.account_phone else p_change.phone end
    )
  );
end
$$;

revoke execute on function
  public.store_in_groups(public.ingest_work[]), public.may_change_in_group(public.ingest_work, uuid)
  from public, anon, authenticated;
grant execute on function
  public.store_in_groups(public.ingest_work[]), public.may_change_in_group(public.ingest_work, uuid)
  to service_role;
