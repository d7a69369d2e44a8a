-- Messages that we send: stored before they leave, then resolved. Sending survives a crash: the rows hold what a repeat needs,
-- and the key by which a caller asks for the same message again.

-- What the service needs to know of a message that it sends.
create or replace function public.outbound_view(m public.messages) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
  'message_id', m.id, 'contact_id', m.contact_id, 'instance_id', m.instance_id, 'ordinal', m.ordinal,
  'whatsapp_message_id', m.whatsapp_message_id, 'chat_jid', m.chat_jid, 'content', m.content,
  'content_type', m.content_type, 'status', m.status, 'error', m.error, 'request_hash', m.request_hash,
  'unchanged_ms', floor(extract(epoch from now() - m.updated_at) * 1000), 'organization_id', m.organization_id
) || case when m.request is null then '{}'::jsonb else jsonb_strip_nulls(jsonb_build_object(
  'payload', translate(encode(m.payload, 'base64'), e'\n', ''))) || jsonb_build_object('request', m.request)
end
$$;

-- The instance's message under this idempotency key, or else under this WhatsApp id.
create or replace function public.stored_outbound(p jsonb) returns setof public.messages
  language sql stable
  set search_path = ''
as $$
  select m.* from public.messages m
  where m.instance_id = (p ->> 'instance_id')::uuid
    and (m.idempotency_key = p ->> 'idempotency_key'
      or m.direction = 'outbound' and m.group_id is null and m.whatsapp_message_id = p ->> 'whatsapp_message_id')
  order by m.idempotency_key = p ->> 'idempotency_key' desc nulls last
  limit 1
$$;

create or replace function public.find_outbound(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select public.outbound_view(m) from public.stored_outbound(p) m
$$;

-- Tells that a message was stored, and is about to be sent; returns the event.
create or replace function public.message_sent_event(p_message public.messages, p_to text) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return public.append_event(p_message.organization_id, p_message.instance_id, jsonb_build_object('name', 'whatsapp:message-sent',
    'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_message.instance_id, 'id', p_message.id,
      'messageId', p_message.whatsapp_message_id, 'to', p_to, 'text', p_message.content, 'type', p_message.type,
      'contactId', p_message.contact_id, 'reason', p_message.reason, 'timestamp', public.event_time(p_message.created_at)))));
end
$$;
revoke execute on function public.message_sent_event(public.messages, text) from public, anon, authenticated;
grant execute on function public.message_sent_event(public.messages, text) to service_role;

-- Stores a message before it is sent, with its contact, and with the entry of the audit log that `audit` holds. Whom it is
-- for is given as `chat_jid`, `phone`, `other_phone` and `lid`, or as `numbers`, any of which may be the person's, with the `lid` where
-- it was found out just now: then it goes where that person wrote from, or else to `otherwise`; where that is not given either,
-- nothing is stored and the answer says so.
-- `detail`: what there is to store of a message that is more than a plain text.
-- `events`: of the message, of contacts that turned out to be one person, and of what `booking_policy` leaves of their open bookings.
create or replace function public.begin_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_audit constant jsonb := nullif(p -> 'audit', 'null');
  v_detail constant jsonb := nullif(p -> 'detail', 'null');
  v_address jsonb := p;
  v_conversation jsonb;
  v_chat text;
  v_phone text;
  v_lid text;
  v_noted jsonb := '{}'::jsonb;
  v_event_seq bigint;
  v_account text;
  v_epoch bigint;
  v_person_id uuid;
  v_contact_id uuid;
  v_message public.messages;
begin
  -- Before the locks: it may have much to read.
  if p ->> 'chat_jid' is null and jsonb_typeof(p -> 'numbers') = 'array' then
    v_address := nullif(p -> 'otherwise', 'null');
    v_conversation := public.conversation_address(v_organization_id, v_instance_id, p -> 'numbers', p ->> 'lid');
    if p ->> 'lid' is null then
      v_address := coalesce(v_conversation, v_address);
    elsif v_conversation is not null then
      -- What was found out of the person just now is newer than what the contact says.
      v_address := v_address || jsonb_build_object('chat_jid', v_conversation -> 'chat_jid');
    end if;
  end if;
  v_chat := v_address ->> 'chat_jid';
  v_phone := nullif(v_address ->> 'phone', '');
  v_lid := nullif(v_address ->> 'lid', '');
  select event_seq into v_event_seq from public.organizations where id = v_organization_id for no key update;
  perform 1 from public.whatsapp_instances where id = v_instance_id and organization_id = v_organization_id;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  -- The lock above makes calls with one key wait for each other.
  select * into v_message from public.stored_outbound(p);
  if found then
    if v_audit is not null then
      v_noted := jsonb_build_object('audit_id', public.begin_audit(v_audit));
    end if;
    return public.outbound_view(v_message) || v_noted || '{"was_there": true}';
  end if;
  if v_address is null then
    return jsonb_build_object('unresolved', true);
  end if;
  if (v_phone is not null or v_lid is not null) and not exists (
    select from public.whatsapp_instances i
    where i.organization_id = v_organization_id and i.deleted_at is null
      and (v_phone in (i.phone_number, i.account_phone) or v_lid = i.account_lid)
  ) then
    v_person_id := public.resolve_person(v_organization_id, v_instance_id, v_phone, v_address ->> 'other_phone', v_lid,
      coalesce(p ->> 'booking_policy', 'off'), true);
    v_contact_id := public.current_contact(v_organization_id, v_person_id);
    update public.contacts set last_message_at = greatest(last_message_at, now()) where id = v_contact_id;
  end if;
  -- After messages that are locked where contacts are merged, as receipts do: no deadlocks.
  select coalesce(account_phone, account_lid, ''), lease_epoch into v_account, v_epoch
    from public.whatsapp_instances where id = v_instance_id
    for share;
  if v_epoch <> (p ->> 'epoch')::bigint then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_instance_id)::text;
  end if;
  if p ->> 'request_id' is not null then
    -- Held until the end, so that a withdrawal comes before or after all of this. Whoever can't withdraw it waits until it
    -- is over, and goes by the clock: this may have waited for the locks above.
    perform 1 from public.node_requests
      where id = (p ->> 'request_id')::uuid and expires_at > clock_timestamp()
      for share;
    if not found then
      raise exception 'request withdrawn' using errcode = 'AZ404';
    end if;
  end if;
  insert into public.messages as m (id, organization_id, contact_id, instance_id, direction, content, content_type,
      whatsapp_message_id, chat_jid, chat_key, status, idempotency_key, request_hash, sent_from, type, metadata, reply_to,
      mentions, is_view_once, request, change_of)
    values (coalesce((p ->> 'message_id')::uuid, gen_random_uuid()), v_organization_id, v_contact_id, v_instance_id,
      'outbound', p ->> 'content', coalesce(p ->> 'content_type', 'conversation'), p ->> 'whatsapp_message_id', v_chat,
      coalesce(v_person_id::text, v_chat, ''), 'pending',
      p ->> 'idempotency_key', p ->> 'request_hash', nullif(v_account, ''), coalesce(v_detail ->> 'type', 'text'),
      nullif(v_detail -> 'metadata', 'null'), nullif(v_detail -> 'reply_to', 'null'), nullif(v_detail -> 'mentions', 'null'),
      coalesce((v_detail ->> 'is_view_once')::boolean, false), v_detail -> 'request', (v_detail ->> 'change_of')::uuid)
    on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update set updated_at = now()
    returning m.* into v_message;
  if v_detail #> '{request,file}' is not null then
    perform public.attach_media(v_message.id, (v_detail #>> '{request,file,id}')::uuid, jsonb_build_object(
      'kind', v_detail ->> 'type', 'file_name', v_detail #> '{request,file,fileName}',
      'waveform', v_detail #> '{request,file,waveform}', 'is_animated', v_detail #> '{request,file,isAnimated}'));
  end if;
  if p -> 'detail' ->> 'change_of' is null then
    perform public.message_sent_event(v_message, coalesce(v_phone, v_lid || '@lid', v_chat));
  end if;
  if v_audit is not null then
    v_noted := jsonb_build_object('audit_id', public.begin_audit(v_audit));
  end if;
  return public.outbound_view(v_message) || v_noted || coalesce((
    select jsonb_build_object('events', jsonb_agg(jsonb_build_object('organization_id', e.organization_id,
      'sequence', e.sequence, 'name', e.name, 'payload', e.payload) order by e.sequence))
    from public.events e
    where e.organization_id = v_organization_id and e.sequence > v_event_seq
    having count(*) > 0
  ), '{}');
end
$$;

-- Keeps what was made of a message before it is written for the first time; not for a sender who lost the session.
create or replace function public.prepare_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instance record;
begin
  select i.id, i.lease_epoch into v_instance
    from public.messages m join public.whatsapp_instances i on i.id = m.instance_id
    where m.id = (p ->> 'message_id')::uuid and m.direction = 'outbound'
    for share of i;
  if not found then
    return jsonb_build_object('prepared', false);
  end if;
  if v_instance.lease_epoch <> (p ->> 'epoch')::bigint then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_instance.id)::text;
  end if;
  update public.messages set payload = decode(p ->> 'payload', 'base64') where id = (p ->> 'message_id')::uuid;
  return jsonb_build_object('prepared', true);
end
$$;
revoke execute on function public.prepare_outbound(jsonb) from public, anon, authenticated;
grant execute on function public.prepare_outbound(jsonb) to service_role;

-- How far an outbound message has come; a status never goes back to one before it.
create or replace function public.outbound_rank(p_status text) returns int
  language sql immutable parallel safe
  set search_path = ''
as $$
  select array_position(array['pending', 'unknown', 'failed', 'sent', 'delivered', 'read', 'played'], p_status)
$$;

-- A time as events tell it.
create or replace function public.event_time(p_at timestamptz) returns text
  language sql stable
  set search_path = ''
as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- The known times of a message's statuses with new ones beside them. What is known stays as it is, and nothing is later than what
-- comes after it, or before the message, whatever a receipt says: WhatsApp's clock counts whole seconds, and may be another.
create or replace function public.status_times(p_known jsonb, p_new jsonb, p_from timestamptz) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_object_agg(t.status, public.event_time(least(t.reached, t.bound)))
  from (
    select s.status, a.at, max(a.at) over (order by s.place) as reached, min(a.known) over (order by s.place desc) as bound
    from unnest(array['sent', 'delivered', 'read', 'played']) with ordinality as s (status, place)
    cross join lateral (
      select (p_known ->> s.status)::timestamptz as known,
        coalesce((p_known ->> s.status)::timestamptz,
          case when p_new ->> s.status is not null then greatest((p_new ->> s.status)::timestamptz, p_from) end) as at
    ) a
  ) t
  where t.at is not null
$$;

-- What a `whatsapp:message-status` event tells of a message that came to stand so.
create or replace function public.status_event(m public.messages, p_status text, p_error text, p_at text) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('organization_id', m.organization_id, 'instance_id', m.instance_id,
    'name', 'whatsapp:message-status', 'payload', jsonb_strip_nulls(jsonb_build_object(
      'instanceId', m.instance_id, 'id', m.id, 'messageId', m.whatsapp_message_id, 'contactId', m.contact_id,
      'status', p_status, 'error', p_error, 'timestamp', coalesce(p_at, public.event_time(now())))))
$$;

-- Records how sending went, with the event that tells of it; `at`: when WhatsApp took it.
create or replace function public.finish_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_status constant text := p ->> 'status';
  v_at constant timestamptz := least(coalesce((p ->> 'at')::timestamptz, now()), now());
  v_message public.messages;
  v_was text;
  v_events jsonb := '[]'::jsonb;
begin
  if v_status is null or v_status not in ('sent', 'failed', 'unknown') then
    raise exception 'no result of sending: %', v_status using errcode = '22023';
  end if;
  if v_status <> 'unknown' then
    -- First the organization, as everybody who locks it.
    perform 1 from public.organizations o
      where o.id = (select m.organization_id from public.messages m where m.id = (p ->> 'message_id')::uuid)
      for no key update;
  end if;
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    raise exception 'message not found' using errcode = 'AZ404';
  end if;
  v_was := v_message.status;
  if v_status = 'sent' and v_message.status_at ->> 'sent' is null then
    -- A receipt may have told already that it arrived.
    update public.messages m
      set status_at = public.status_times(m.status_at, jsonb_build_object('sent', v_at), m.created_at)
      where m.id = v_message.id
      returning m.* into v_message;
  end if;
  if public.outbound_rank(v_status) > public.outbound_rank(v_was) then
    update public.messages m set status = v_status, error = p ->> 'error' where m.id = v_message.id;
    if v_status = 'sent' then
      update public.whatsapp_instances set messages_sent_count = messages_sent_count + 1
        where id = v_message.instance_id;
    end if;
    if v_status <> 'unknown' then
      v_events := public.append_events(jsonb_build_array(
        public.status_event(v_message, v_status, p ->> 'error', v_message.status_at ->> v_status)));
    end if;
  end if;
  return jsonb_build_object('events', v_events);
end
$$;

-- What we sent to change a message has left: the message shows it, and an event tells of it.
create or replace function public.apply_sent_change() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_message public.messages;
  v_change public.ingest_work;
begin
  -- First the organization, as everybody who locks it.
  perform 1 from public.organizations o where o.id = new.organization_id for no key update;
  select * into v_message from public.messages m
    where m.id = new.change_of and m.organization_id = new.organization_id for update;
  if not found then
    return null;
  end if;
  v_change.action := 'change';
  v_change.organization_id := v_message.organization_id;
  v_change.instance_id := v_message.instance_id;
  v_change.contact_id := v_message.contact_id;
  v_change.chat := v_message.chat_key;
  v_change.from_me := true;
  v_change.content := new.content;
  v_change.sent_at := new.created_at;
  v_change.detail := jsonb_strip_nulls(jsonb_build_object('kind', new.request -> 'type', 'mentions', new.mentions,
    'emoji', new.content, 'target', jsonb_build_object('message_id', v_message.whatsapp_message_id,
      'from_me', v_message.direction = 'outbound')));
  perform public.apply_change(v_change);
  return null;
end
$$;

create or replace trigger apply_sent_change after update of status on public.messages
  for each row when (new.change_of is not null and old.status in ('pending', 'unknown', 'failed')
    and new.status in ('sent', 'delivered', 'read', 'played'))
  execute function public.apply_sent_change();
revoke execute on function public.apply_sent_change() from public, anon, authenticated;
grant execute on function public.apply_sent_change() to service_role;

-- Messages whose sending is in doubt, in their order.
create or replace function public.list_open_outbound(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(public.outbound_view(m) order by m.ordinal), '[]')
  from public.messages m
  where m.id in (
    select o.id from public.messages o
    where o.instance_id = (p ->> 'instance_id')::uuid and o.direction = 'outbound'
      and o.status in ('pending', 'unknown')
    order by o.ordinal
    limit least((p ->> 'limit')::int, 5000)
  )
$$;

-- To be asked before a message is written again: it may be known by now, too old, or another account's. Not for a sender who
-- lost the session. One that failed as `reopened` says is taken up again, unless something else is in the way: then it stays as it is.
create or replace function public.repeat_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message public.messages;
  v_account public.whatsapp_instances;
  v_is_reopened boolean;
  v_reason text;
begin
  perform 1 from public.organizations o
    where o.id = (select m.organization_id from public.messages m where m.id = (p ->> 'message_id')::uuid)
    for no key update;
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    return jsonb_build_object('status', 'failed', 'error', 'message_deleted');
  end if;
  v_is_reopened := v_message.status = 'failed' and coalesce(v_message.error = p ->> 'reopened', false);
  if v_message.status in ('pending', 'unknown') or v_is_reopened then
    select * into v_account from public.whatsapp_instances where id = v_message.instance_id;
    if v_account.lease_epoch <> (p ->> 'epoch')::bigint then
      raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_account.id)::text;
    end if;
    v_reason := case
      when v_message.sent_from not in (v_account.account_phone, v_account.account_lid) then 'account_changed'
      when v_message.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float) then 'not_confirmed_in_time'
      -- By then it answers nothing any more.
      when v_message.reason in ('automatic: first_message', 'automatic: outside_hours')
        and v_message.created_at < now() - interval '1 hour' then 'not_confirmed_in_time'
      when v_message.repeats >= (p ->> 'max_repeats')::int then 'not_confirmed'
    end;
    if v_is_reopened and v_reason is not null then
      return jsonb_build_object('status', 'failed', 'error', v_message.error);
    end if;
    update public.messages
      set status = case when v_reason is null then 'unknown' else 'failed' end,
        error = v_reason,
        repeats = repeats + case when v_reason is null then 1 else 0 end
      where id = v_message.id
      returning * into v_message;
    if v_reason is not null then
      perform public.append_events(jsonb_build_array(public.status_event(v_message, 'failed', v_reason, null)));
    end if;
  end if;
  return jsonb_build_object('status', v_message.status, 'error', v_message.error);
end
$$;

-- Gives up what was in doubt for too long, also for instances that nobody runs; tells which instances have something
-- in doubt that nothing has happened to for a while.
create or replace function public.sweep_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids uuid[];
  v_told jsonb;
  v_instances jsonb;
begin
  v_ids := array(
    select m.id from public.messages m
    where m.direction = 'outbound' and m.status in ('pending', 'unknown')
      and m.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float)
    limit 1000
  );
  perform 1 from public.organizations o
    where o.id in (select m.organization_id from public.messages m where m.id = any (v_ids))
    order by o.id
    for no key update;
  with expired as (
    select m.id from public.messages m
    where m.id = any (v_ids) and m.status in ('pending', 'unknown')
    for update skip locked
  ), failed as (
    update public.messages m set status = 'failed', error = 'not_confirmed_in_time'
      from expired e where m.id = e.id
      returning m.ordinal, public.status_event(m, 'failed', m.error, null) as event
  )
  select coalesce(jsonb_agg(f.event order by f.ordinal), '[]') into v_told from failed f;
  perform public.append_events(v_told);
  select coalesce(jsonb_agg(o.instance_id), '[]') into v_instances
    from (
      select distinct m.instance_id from public.messages m
      where m.direction = 'outbound' and m.status in ('pending', 'unknown')
        and (m.updated_at < now() - make_interval(secs => (p ->> 'idle_seconds')::float)
          -- No call waits for it, so it may be that nobody was told of it.
          or m.reason is not null and m.status = 'pending')
      limit 5000
    ) o;
  return jsonb_build_object('expired', jsonb_array_length(v_told), 'instance_ids', v_instances);
end
$$;

-- A new owner does not know how far the one before it came; without a session nobody will ever know.
create or replace function public.doubt_outbound() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_told jsonb;
begin
  with open as (
    select m.id from public.messages m
    where m.instance_id = new.id and m.direction = 'outbound'
      and (m.status = 'pending' or (m.status = 'unknown' and new.session_data is null))
    -- Whoever holds one of them is about to say how it went.
    for update skip locked
  ), left_open as (
    update public.messages m
      set status = case when new.session_data is null then 'failed' else 'unknown' end,
        error = case when new.session_data is null then 'session_ended' end
      from open o where m.id = o.id
      returning m.ordinal, m.status, public.status_event(m, m.status, m.error, null) as event
  )
  select jsonb_agg(l.event order by l.ordinal) into v_told from left_open l where l.status = 'failed';
  if v_told is not null then
    -- Who ends a session holds its organization.
    perform public.append_events(v_told);
  end if;
  return null;
end
$$;

create or replace trigger doubt_outbound after update of lease_epoch on public.whatsapp_instances
  for each row when (new.lease_epoch <> old.lease_epoch)
  execute function public.doubt_outbound();

-- Only the recipient of a message says that it arrived, and gets it again: anybody may have come to know its id.

-- Whether a message was sent to the person with this phone number or LID, however the chat was addressed.
create or replace function public.was_sent_to(m public.messages, p_phone text, p_lid text) returns boolean
  language sql stable
  set search_path = ''
as $$
  select coalesce(m.chat_jid in (p_phone || '@s.whatsapp.net', p_lid || '@lid'), false)
  or exists (
    select from public.addressed_contact(m.contact_id, m.chat_key) c where c.phone_number = p_phone or c.lid = p_lid
  )
$$;

-- Whether an instance sent all of these messages, and to this person.
create or replace function public.were_sent_to(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('sent', coalesce(bool_and(exists (
    select from public.messages m
    where m.instance_id = (p ->> 'instance_id')::uuid and m.direction = 'outbound' and m.whatsapp_message_id = e.id
      and public.was_sent_to(m, p ->> 'phone', p ->> 'lid')
  )), false))
  from jsonb_array_elements_text(p -> 'whatsapp_message_ids') as e (id)
$$;

-- Receipts of the recipients alone: each raises the status of its message, with an event, or adds a time that was missing; `at` is
-- when the recipient says so. While an older version still runs beside this one, what its processes hear counts as it did:
-- they do not say from whom, and nobody would hear it again.
create or replace function public.apply_receipts(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids uuid[];
  v_statuses text[];
  v_times timestamptz[];
  v_organizations text[];
  v_instances uuid[];
  v_changed int;
  v_told jsonb;
begin
  -- What changes nothing holds nobody up.
  select array_agg(m.id), array_agg(e.status), array_agg(least(e.at, now())), array_agg(distinct m.organization_id)
    into v_ids, v_statuses, v_times, v_organizations
    from jsonb_array_elements(p -> 'items') as i (item)
    cross join jsonb_to_record(i.item)
      as e (instance_id uuid, whatsapp_message_id text, status text, phone text, lid text, at timestamptz)
    join public.messages m on m.instance_id = e.instance_id and m.direction = 'outbound'
      and m.whatsapp_message_id = e.whatsapp_message_id
    where e.status in ('sent', 'delivered', 'read', 'played') and m.group_id is null
      and (public.was_sent_to(m, e.phone, e.lid) or not i.item ?| array['phone', 'lid'])
      and m.status_at ->> e.status is null;
  if v_ids is null then
    return '{"changed": 0, "events": []}'::jsonb;
  end if;
  perform 1 from public.organizations o where o.id = any (v_organizations) order by o.id for no key update;
  with said as (
    select s.id, s.status, public.outbound_rank(s.status) as rank, min(s.at) as at
    from unnest(v_ids, v_statuses, v_times) as s (id, status, at)
    group by s.id, s.status
  ), held as materialized (
    select m.id, m.status as was, public.outbound_rank(m.status) as rank
    from public.messages m
    where m.id = any (v_ids)
    order by m.id
    for update of m
  ), due as materialized (
    select h.id, h.was, s.status, s.at, s.rank, s.rank > h.rank as is_rise
    from held h
    join said s on s.id = h.id
    where h.was <> 'failed' or s.rank > public.outbound_rank('sent')
  ), raised as (
    update public.messages m
      set status = coalesce(d.status, m.status), error = case when d.status is null then m.error end,
        status_at = public.status_times(m.status_at, d.times, m.created_at)
      from (
        select d.id, (array_agg(d.status order by d.rank desc) filter (where d.is_rise))[1] as status,
          jsonb_object_agg(d.status, d.at) as times
        from due d
        group by d.id
      ) d
      where m.id = d.id
      returning m.id, m.instance_id, m.ordinal, m.status_at, d.status as risen, m as message
  ), told as (
    select r.ordinal, d.rank, public.status_event(r.message, d.status, null, r.status_at ->> d.status) as event
    from raised r
    join due d on d.id = r.id
    where d.is_rise
  )
  -- The first receipt of a message whose sending was in doubt is what tells that it was sent.
  select (select count(*) from raised r where r.risen is not null),
      array(select h.instance_id from (
        select r.instance_id, r.id from raised r where r.risen is not null
      ) h join held w on w.id = h.id where w.was in ('pending', 'unknown', 'failed')),
      (select jsonb_agg(t.event order by t.ordinal, t.rank) from told t)
    into v_changed, v_instances, v_told;
  if cardinality(v_instances) > 0 then
    perform 1 from public.whatsapp_instances i where i.id = any (v_instances) order by i.id for no key update;
    update public.whatsapp_instances i
      set messages_sent_count = i.messages_sent_count + c.messages
      from (select s.id, count(*) as messages from unnest(v_instances) as s (id) group by s.id) c
      where i.id = c.id;
  end if;
  return jsonb_build_object('changed', v_changed, 'events', public.append_events(coalesce(v_told, '[]')));
end
$$;

revoke execute on function
  public.outbound_view(public.messages), public.stored_outbound(jsonb), public.find_outbound(jsonb),
  public.begin_outbound(jsonb), public.outbound_rank(text), public.event_time(timestamptz),
  public.status_times(jsonb, jsonb, timestamptz), public.status_event(public.messages, text, text, text),
  public.finish_outbound(jsonb),
  public.list_open_outbound(jsonb), public.repeat_outbound(jsonb), public.sweep_outbound(jsonb),
  public.doubt_outbound(), public.was_sent_to(public.messages, text, text), public.were_sent_to(jsonb),
  public.apply_receipts(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.outbound_view(public.messages), public.stored_outbound(jsonb), public.find_outbound(jsonb),
  public.begin_outbound(jsonb), public.outbound_rank(text), public.event_time(timestamptz),
  public.status_times(jsonb, jsonb, timestamptz), public.status_event(public.messages, text, text, text),
  public.finish_outbound(jsonb),
  public.list_open_outbound(jsonb), public.repeat_outbound(jsonb), public.sweep_outbound(jsonb),
  public.doubt_outbound(), public.was_sent_to(public.messages, text, text), public.were_sent_to(jsonb),
  public.apply_receipts(jsonb)
  to service_role;

-- Where the owner of a number wrote from last: the contact with this LID, where it is known whose the number is, or else that of the
-- first of the numbers that has one; and the chat of the last message that came from it to this instance. Null where there
-- is none, or where that chat is no person's.
create or replace function public.conversation_address(p_organization_id text, p_instance_id uuid, p_numbers jsonb,
    p_lid text)
  returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_contact public.contacts;
  v_others text[];
  v_chat text;
begin
  select c.* into v_contact from public.contacts c where c.organization_id = p_organization_id and c.lid = p_lid;
  if not found then
    select c.* into v_contact
      from jsonb_array_elements_text(p_numbers) with ordinality n (number, place)
      join public.contacts c on c.phone_number = n.number and c.organization_id = p_organization_id
      -- With another LID it was whose number it is no more.
      where p_lid is null or c.lid is null
      order by n.place
      limit 1;
  end if;
  if v_contact.id is null then
    return null;
  end if;
  -- Of contacts that were merged each has an address of its own.
  v_others := array(
    select o.id::text from public.contacts o
    where (o.id = v_contact.merged_into or o.merged_into = coalesce(v_contact.merged_into, v_contact.id)) and o.id <> v_contact.id
  );
  select m.chat_jid into v_chat from public.messages m
    where m.contact_id = coalesce(v_contact.merged_into, v_contact.id) and m.organization_id = p_organization_id
      and m.instance_id = p_instance_id and m.direction = 'inbound'
      and m.chat_key <> all (v_others)
    order by m.ordinal desc
    limit 1;
  if v_chat is null or v_chat !~ '^[^@]*@(s\.whatsapp\.net|c\.us|lid)$' then
    return null;
  end if;
  -- Without the device; c.us is an old name of s.whatsapp.net.
  v_chat := substring(v_chat from '^[^@:_]*') || replace(substring(v_chat from '@.*$'), '@c.us', '@s.whatsapp.net');
  if v_chat like '%@s.whatsapp.net' and v_chat <> concat(v_contact.phone_number, '@s.whatsapp.net') then
    -- From a number that may be somebody else's by now.
    v_chat := coalesce(v_contact.lid || '@lid', v_contact.phone_number || '@s.whatsapp.net');
  end if;
  return jsonb_build_object('chat_jid', v_chat, 'phone', v_contact.phone_number, 'lid', v_contact.lid);
end
$$;
revoke execute on function public.conversation_address(text, uuid, jsonb, text) from public, anon, authenticated;
grant execute on function public.conversation_address(text, uuid, jsonb, text) to service_role;

-- What was sent under an id of WhatsApp's; null for one that this instance did not send.
create or replace function public.find_outbound_content(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('content', m.content, 'content_type', m.content_type, 'message_id', m.id)
    || jsonb_strip_nulls(jsonb_build_object('payload', translate(encode(m.payload, 'base64'), e'\n', '')))
  from public.messages m
  where m.instance_id = (p ->> 'instance_id')::uuid and m.direction = 'outbound' and m.group_id is null
    and m.whatsapp_message_id = p ->> 'whatsapp_message_id'
  limit 1
$$;
revoke execute on function public.find_outbound_content(jsonb) from public, anon, authenticated;
grant execute on function public.find_outbound_content(jsonb) to service_role;
