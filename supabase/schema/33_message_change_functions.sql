-- What is done to messages and notes: edits, deletions, reactions, votes and the like, also before their message is there.

-- Whether something was done in a group.
create or replace function public.is_in_group(p_change public.ingest_work) returns boolean
  language sql immutable parallel safe
  set search_path = ''
as $$
  select coalesce(p_change.chat like '%@g.us', false)
$$;

-- Who did something, where a chat has more than two people; empty elsewhere, and of the account itself.
create or replace function public.changer_of(p_change public.ingest_work) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select case when public.is_in_group(p_change) and not p_change.from_me
    then coalesce(public.person_name(p_change.phone, p_change.lid), '') else '' end
$$;

-- The message of a chat that a change is about, or the note. In the chat's own conversation alone: senders choose the ids.
create or replace function public.find_changed(p_change public.ingest_work, out id uuid, out is_note boolean)
  language plpgsql stable
  set search_path = ''
as $$
-- @plpgsql_check_options: extra_warnings = off
declare
  v_target constant jsonb := p_change.detail -> 'target';
  v_keys constant text[] := array_remove(array[p_change.person_id::text, p_change.chat,
    p_change.phone || '@s.whatsapp.net', p_change.lid || '@lid'], null);
begin
  is_note := false;
  if public.is_in_group(p_change) then
    -- Of the author that is named: in a group many choose ids.
    select m.id into id
      from public.groups g
      join public.messages m on m.group_id = g.id and m.whatsapp_message_id = v_target ->> 'message_id'
      where g.instance_id = p_change.instance_id and g.jid = p_change.chat and case
        when (v_target ->> 'from_me')::boolean then m.direction = 'outbound'
        else m.direction = 'inbound'
          and (m.sender_lid = v_target -> 'author' ->> 'lid' or m.sender_phone = v_target -> 'author' ->> 'phone') end
      order by m.ordinal
      limit 1;
    return;
  end if;
  select m.id into id
    from public.messages m
    where m.instance_id = p_change.instance_id and m.chat_key = any (v_keys)
      and m.direction = case when (v_target ->> 'from_me')::boolean then 'outbound' else 'inbound' end
      and m.whatsapp_message_id = v_target ->> 'message_id'
      -- What is done to a message waits until it can be read. One that is to be seen once never can.
      and (m.content_type <> 'ciphertext' or m.is_view_once)
    order by m.ordinal
    limit 1;
  if id is null then
    select n.id into id
      from public.notes n
      where n.instance_id = p_change.instance_id and n.chat_key = any (v_keys)
        and n.whatsapp_message_id = v_target ->> 'message_id'
      order by n.ordinal
      limit 1;
    is_note := id is not null;
  end if;
end
$$;

-- From which sequence on, exclusively, and up to which the events of an organization were stored around a time, a minute before and after.
-- Events have no index by what they tell, nor by time: it is found by halving.
create or replace function public.events_around(p_organization_id text, p_time timestamptz, out low bigint, out high bigint)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_middle bigint;
  v_time timestamptz;
begin
  low := 0;
  select o.event_seq into high from public.organizations o where o.id = p_organization_id;
  while high - low > 100 loop
    v_middle := (low + high) / 2;
    select e.created_at into v_time
      from public.events e
      where e.organization_id = p_organization_id and e.sequence >= v_middle
      order by e.sequence
      limit 1;
    if v_time < p_time - interval '1 minute' then
      low := v_middle;
    else
      high := v_middle;
    end if;
  end loop;
  select coalesce(min(s.sequence), 9223372036854775807) into high
    from (
      select e.sequence
      from public.events e
      where e.organization_id = p_organization_id and e.sequence > low and e.created_at > p_time + interval '1 minute'
      order by e.sequence
      limit 1
    ) s;
end
$$;

-- Takes what a message said out of the events that told it. They were stored with it.
create or replace function public.forget_in_events(p_organization_id text, p_message_id text, p_instance_id uuid,
    p_stored_at timestamptz) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_around constant record := public.events_around(p_organization_id, p_stored_at);
begin
  update public.events e
    set payload = jsonb_strip_nulls((e.payload - 'metadata' - 'replyTo' - 'media' - 'emoji')
      || jsonb_build_object('text', case when e.payload ? 'text' then '' end))
    where e.organization_id = p_organization_id and e.sequence > v_around.low and e.sequence <= v_around.high
      and e.instance_id = p_instance_id and e.payload ->> 'messageId' = p_message_id;
end
$$;

-- Takes back a message or a note for everyone: nothing of what it said stays, but that it was there.
create or replace function public.delete_changed(p_change public.ingest_work, p_id uuid, p_is_note boolean) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_message_id constant text := p_change.detail -> 'target' ->> 'message_id';
  v_inbox_id bigint;
  v_stored_at timestamptz;
  v_edit record;
begin
  if p_is_note then
    update public.notes n
      set content = '', metadata = null, reply_to = null, mentions = null, secret = null, deleted_at = p_change.sent_at
      where n.id = p_id
      returning n.inbox_id, n.created_at into v_inbox_id, v_stored_at;
  else
    update public.messages m
      set content = '', metadata = null, reply_to = null, mentions = null, secret = null, payload = null, request = null,
        deleted_at = p_change.sent_at
      where m.id = p_id
      returning m.inbox_id, m.created_at into v_inbox_id, v_stored_at;
    -- What edits of it said that we sent.
    update public.messages m set content = '', mentions = null, payload = null, request = m.request - 'text'
      where m.change_of = p_id and m.request ->> 'type' = 'edit';
  end if;
  delete from public.message_media d where d.message_id = p_id;
  for v_edit in
    delete from public.message_edits d where d.message_id = p_id or d.note_id = p_id returning d.stored_at
  loop
    perform public.forget_in_events(p_change.organization_id, v_message_id, p_change.instance_id, v_edit.stored_at);
  end loop;
  delete from public.message_reactions d where d.message_id = p_id or d.note_id = p_id;
  delete from public.message_answers d where d.message_id = p_id or d.note_id = p_id;
  -- Others of the conversation quote it. Without a contact there are few.
  if public.is_in_group(p_change) then
    update public.messages m set reply_to = m.reply_to || '{"content": ""}'
      where m.instance_id = p_change.instance_id and m.reply_to is not null
        and m.reply_to ->> 'whatsapp_message_id' = v_message_id
        and m.group_id = (select d.group_id from public.messages d where d.id = p_id);
  elsif p_change.contact_id is not null then
    update public.messages m set reply_to = m.reply_to || '{"content": ""}'
      where m.contact_id = p_change.contact_id and m.instance_id = p_change.instance_id
        and m.reply_to ->> 'whatsapp_message_id' = v_message_id;
    update public.notes n set reply_to = n.reply_to || '{"content": ""}'
      where n.contact_id = p_change.contact_id and n.instance_id = p_change.instance_id
        and n.reply_to ->> 'whatsapp_message_id' = v_message_id;
  else
    update public.messages m set reply_to = m.reply_to || '{"content": ""}'
      where m.organization_id = p_change.organization_id and m.contact_id is null and m.instance_id = p_change.instance_id
        and m.reply_to ->> 'whatsapp_message_id' = v_message_id;
    update public.notes n set reply_to = n.reply_to || '{"content": ""}'
      where n.organization_id = p_change.organization_id and n.contact_id is null and n.instance_id = p_change.instance_id
        and n.reply_to ->> 'whatsapp_message_id' = v_message_id;
  end if;
  update public.inbox i set body = null where i.id = v_inbox_id and i.state = 1;
  perform public.forget_in_events(p_change.organization_id, v_message_id, p_change.instance_id, v_stored_at);
end
$$;

-- What the answers to a message come to, as its metadata say it: votes of a poll are counted for each option, answers to an event for
-- each kind of answer.
create or replace function public.counted_answers(p_id uuid, p_metadata jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_metadata jsonb := coalesce(p_metadata, '{}');
begin
  if jsonb_typeof(v_metadata -> 'options') = 'array' then
    v_metadata := v_metadata || jsonb_build_object('options', (
      select coalesce(jsonb_agg(o.option || jsonb_build_object('votes', (
          select count(*)
          from public.message_answers a
          where (a.message_id = p_id or a.note_id = p_id) and a.kind = 'poll_vote'
            and a.answer ? encode(sha256(convert_to(o.option ->> 'name', 'UTF8')), 'hex')
        )) order by o.place), '[]')
      from jsonb_array_elements(v_metadata -> 'options') with ordinality as o (option, place)
      where jsonb_typeof(o.option) = 'object'
    ));
  end if;
  if exists (
    select from public.message_answers a where (a.message_id = p_id or a.note_id = p_id) and a.kind = 'event_answer'
  ) then
    v_metadata := v_metadata || jsonb_build_object('answers', '{"going": 0, "not_going": 0, "maybe": 0}'::jsonb || (
      select jsonb_object_agg(c.answer, c.answers)
      from (
        select a.answer #>> '{}' as answer, count(*) as answers
        from public.message_answers a
        where (a.message_id = p_id or a.note_id = p_id) and a.kind = 'event_answer'
        group by 1
      ) c
    ));
  end if;
  return v_metadata;
end
$$;

-- Notes the answer of one person, the last one of each kind. Returns whether it says something new.
create or replace function public.store_answer(p_change public.ingest_work, p_id uuid, p_is_note boolean, p_answer jsonb)
  returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_kind constant text := p_change.detail ->> 'kind';
  v_known record;
begin
  select a.id, a.answer, a.answered_at into v_known
    from public.message_answers a
    where (a.message_id = p_id or a.note_id = p_id) and a.kind = v_kind and a.from_me = p_change.from_me
      and a.answerer in (public.changer_of(p_change), p_change.lid || '@lid');
  if v_known.id is null then
    insert into public.message_answers (organization_id, message_id, note_id, kind, from_me, answerer, answer, answered_at)
      values (p_change.organization_id, case when not p_is_note then p_id end, case when p_is_note then p_id end, v_kind,
        p_change.from_me, public.changer_of(p_change), p_answer, p_change.sent_at);
    return true;
  end if;
  if v_known.answered_at > p_change.sent_at or v_known.answer = p_answer then
    return false;
  end if;
  update public.message_answers a set answer = p_answer, answered_at = p_change.sent_at where a.id = v_known.id;
  return true;
end
$$;

-- Notes the reaction of one person. Returns whether it says something new.
create or replace function public.store_reaction(p_change public.ingest_work, p_id uuid, p_is_note boolean) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_emoji constant text := coalesce(p_change.detail ->> 'emoji', '');
  v_known record;
begin
  select r.id, r.emoji, r.reacted_at into v_known
    from public.message_reactions r
    where (r.message_id = p_id or r.note_id = p_id) and r.from_me = p_change.from_me
      and r.reactor in (public.changer_of(p_change), p_change.lid || '@lid');
  if v_known.id is null then
    insert into public.message_reactions (organization_id, message_id, note_id, from_me, reactor, emoji, reacted_at)
      values (p_change.organization_id, case when not p_is_note then p_id end, case when p_is_note then p_id end,
        p_change.from_me, public.changer_of(p_change), v_emoji, p_change.sent_at);
    return v_emoji <> '';
  end if;
  if v_known.reacted_at > p_change.sent_at or v_known.emoji = v_emoji then
    return false;
  end if;
  update public.message_reactions r set emoji = v_emoji, reacted_at = p_change.sent_at where r.id = v_known.id;
  return true;
end
$$;

-- Keeps a change whose message is not there. Returns why it is done with so far.
create or replace function public.keep_change(p_change public.ingest_work) returns text
  language plpgsql
  set search_path = ''
as $$
begin
  delete from public.pending_changes c where c.instance_id = p_change.instance_id and c.expires_at <= now();
  if (select count(*) >= 1000 from (
      select from public.pending_changes c where c.instance_id = p_change.instance_id limit 1000
    ) w) then
    return 'too_many_changes_wait';
  end if;
  insert into public.pending_changes (organization_id, instance_id, inbox_id, message_id, target_from_me, phone, lid, from_me,
      change, sent_at, expires_at)
    values (p_change.organization_id, p_change.instance_id, p_change.inbox_id, p_change.detail -> 'target' ->> 'message_id',
      (p_change.detail -> 'target' ->> 'from_me')::boolean, p_change.phone, p_change.lid, p_change.from_me,
      case when public.is_in_group(p_change) then p_change.detail || jsonb_build_object('chat', p_change.chat)
        else p_change.detail end, p_change.sent_at, now() + interval '14 days')
    on conflict (inbox_id) do nothing;
  return 'waits_for_message';
end
$$;

-- Does what somebody did to a message. `event`: what tells of it. `reason`: why nothing came of it.
create or replace function public.apply_change(p_change public.ingest_work, out event jsonb, out reason text)
  language plpgsql
  set search_path = ''
as $$
-- @plpgsql_check_options: extra_warnings = off
declare
  v_detail constant jsonb := p_change.detail;
  v_kind constant text := p_change.detail ->> 'kind';
  v_found record;
  v_row record;
  v_table text;
  v_name text := 'whatsapp:message-updated';
  v_payload jsonb;
begin
  if public.is_in_group(p_change) and not exists (
    select from public.whatsapp_instances i where i.id = p_change.instance_id and i.group_policy = 'store'
  ) then
    reason := 'group';
    return;
  end if;
  v_found := public.find_changed(p_change);
  if v_found.id is null then
    reason := public.keep_change(p_change);
    return;
  end if;
  v_table := case when v_found.is_note then 'notes' else 'messages' end;
  if v_found.is_note then
    select n.contact_id, n.content, n.metadata, n.edited_at, n.deleted_at, null::uuid as group_id into v_row
      from public.notes n where n.id = v_found.id for update;
  else
    select m.contact_id, m.content, m.metadata, m.edited_at, m.deleted_at, m.group_id into v_row
      from public.messages m where m.id = v_found.id for update;
  end if;
  if v_kind in ('edit', 'delete', 'live_location') and (case when v_row.group_id is null
      then p_change.from_me <> (v_detail -> 'target' ->> 'from_me')::boolean
      else not public.may_change_in_group(p_change, v_found.id) end) then
    reason := 'not_the_author';
  elsif v_row.deleted_at is not null then
    reason := 'message_deleted';
  elsif v_kind = 'sealed' then
    reason := 'sealed_change';
  end if;
  if reason is not null then
    return;
  end if;
  v_payload := jsonb_build_object('instanceId', p_change.instance_id, 'id', v_found.id,
    'messageId', v_detail -> 'target' -> 'message_id', 'contactId', v_row.contact_id, 'groupId', v_row.group_id,
    'timestamp', to_char(p_change.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));

  if v_kind = 'delete' then
    perform public.delete_changed(p_change, v_found.id, v_found.is_note);
    v_name := 'whatsapp:message-deleted';
  elsif v_kind = 'edit' then
    if v_row.edited_at >= p_change.sent_at or v_row.content = p_change.content then
      reason := 'superseded';
      return;
    end if;
    insert into public.message_edits (organization_id, message_id, note_id, ordinal, content, edited_at)
      select p_change.organization_id, case when not v_found.is_note then v_found.id end,
        case when v_found.is_note then v_found.id end, c.edits + 1, v_row.content, p_change.sent_at
      from (
        select count(*) as edits from public.message_edits e where e.message_id = v_found.id or e.note_id = v_found.id
      ) c
      where c.edits < 100;
    execute format('update public.%I set content = $2, edited_at = $3, mentions = $4,
        metadata = case when $5 is null then metadata else coalesce(metadata, ''{}'') || $5 end where id = $1', v_table)
      using v_found.id, p_change.content, p_change.sent_at, v_detail -> 'mentions', v_detail -> 'metadata';
    v_name := 'whatsapp:message-edited';
    v_payload := v_payload || jsonb_build_object('text', p_change.content);
  elsif v_kind = 'reaction' then
    if not public.store_reaction(p_change, v_found.id, v_found.is_note) then
      reason := 'superseded';
      return;
    end if;
    v_name := 'whatsapp:reaction';
    v_payload := v_payload || jsonb_build_object('emoji', coalesce(v_detail ->> 'emoji', ''));
  else
    if v_kind = 'live_location' then
      if (v_row.metadata ->> 'updated_at')::timestamptz >= p_change.sent_at then
        reason := 'superseded';
        return;
      end if;
      v_row.metadata := coalesce(v_row.metadata, '{}') || coalesce(v_detail -> 'metadata', '{}')
        || jsonb_build_object('updated_at', v_payload -> 'timestamp');
    elsif not public.store_answer(p_change, v_found.id, v_found.is_note,
        coalesce(v_detail -> 'options', v_detail -> 'answer', v_detail -> 'on')) then
      reason := 'superseded';
      return;
    elsif v_kind in ('pin', 'keep') then
      v_row.metadata := coalesce(v_row.metadata, '{}') || jsonb_build_object(
        case v_kind when 'pin' then 'is_pinned' else 'is_kept' end, v_detail -> 'on');
    else
      v_row.metadata := public.counted_answers(v_found.id, v_row.metadata);
    end if;
    execute format('update public.%I set metadata = $2 where id = $1', v_table) using v_found.id, v_row.metadata;
    v_payload := v_payload || jsonb_build_object('change', v_kind, 'metadata', v_row.metadata);
  end if;
  if v_name in ('whatsapp:reaction', 'whatsapp:message-updated') then
    v_payload := v_payload || jsonb_build_object('fromMe', p_change.from_me, 'from', case
      when p_change.from_me then (
        select coalesce(i.account_phone, i.phone_number) from public.whatsapp_instances i where i.id = p_change.instance_id
      )
      else coalesce(p_change.phone, (
          select k.phone_number from public.contacts k where k.id = coalesce(p_change.person_id, p_change.contact_id)),
        p_change.lid || '@lid') end);
  end if;
  event := public.append_event(p_change.organization_id, p_change.instance_id,
    jsonb_build_object('name', v_name, 'payload', jsonb_strip_nulls(v_payload)));
end
$$;

-- Does the changes among the items, and those that waited for one of the messages that were stored now; first the latter, each in the
-- order in which they were made. `reasons`: by row of the inbox, why nothing came of it.
create or replace function public.apply_changes(p_work public.ingest_work[], p_stored bigint[], p_is_awaited boolean,
    out events jsonb, out reasons jsonb)
  language plpgsql
  set search_path = ''
as $$
-- `events` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_one public.ingest_work;
  v_waiting record;
  v_done record;
begin
  events := '[]'::jsonb;
  reasons := '{}'::jsonb;
  if p_is_awaited then
    for v_waiting in
      select c.id as waiting_id, c.inbox_id as change_inbox_id, c.change, c.from_me as change_from_me, c.sent_at as changed_at,
        c.phone as change_phone, c.lid as change_lid, w as item
      from unnest(p_work) w
      join public.pending_changes c on c.instance_id = w.instance_id and c.message_id = w.message_id
      left join public.contacts k on k.id = w.person_id
      where w.inbox_id = any (p_stored) and c.target_from_me = w.from_me
        and case when c.change ? 'chat'
          then c.change ->> 'chat' = w.chat and (w.from_me or c.change -> 'target' -> 'author' ->> 'phone' = w.phone
            or c.change -> 'target' -> 'author' ->> 'lid' = w.lid)
          else not public.is_in_group(w) and (c.phone in (w.phone, w.other_phone, k.phone_number) or c.lid in (w.lid, k.lid)) end
      order by c.sent_at, c.id
    loop
      delete from public.pending_changes c where c.id = v_waiting.waiting_id;
      if v_waiting.change ->> 'kind' = 'sealed' then
        -- Its message is there: a worker can open it now.
        update public.inbox i
          set state = 0, outcome = null, reason = null, error = null, processed_at = null, claimed_by = null, claimed_until = null
          where i.id = v_waiting.change_inbox_id and i.state = 1 and i.body is not null;
        continue;
      end if;
      v_one := v_waiting.item;
      v_one.detail := v_waiting.change;
      v_one.content := coalesce(v_waiting.change ->> 'content', '');
      v_one.from_me := v_waiting.change_from_me;
      if public.is_in_group(v_one) then
        v_one.phone := v_waiting.change_phone;
        v_one.lid := v_waiting.change_lid;
      end if;
      v_one.sent_at := v_waiting.changed_at;
      v_one.inbox_id := v_waiting.change_inbox_id;
      v_done := public.apply_change(v_one);
      if v_done.event is not null then
        events := events || v_done.event;
      end if;
    end loop;
  end if;
  foreach v_one in array p_work loop
    if v_one.action = 'change' then
      v_done := public.apply_change(v_one);
      if v_done.event is not null then
        events := events || v_done.event;
      end if;
      if v_done.reason is not null then
        reasons := reasons || jsonb_build_object(v_one.inbox_id::text, v_done.reason);
      end if;
    end if;
  end loop;
end
$$;

-- Of each item the rows of the inbox that its target came in, sealed as they are, for whoever opens what is sealed to it; and the
-- secret of a poll or an event.
create or replace function public.find_change_targets(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
        'secret', translate(encode(coalesce(m.secret, n.secret), 'base64'), e'\n', ''),
        'inbox', case when i.body is not null then to_jsonb(i) - 'body'
          || jsonb_build_object('body', translate(encode(i.body, 'base64'), e'\n', '')) end
      ) order by e.place), '[]')
    from jsonb_array_elements(p -> 'items') with ordinality as e (item, place)
    left join public.inbox c on c.id = (e.item ->> 'inbox_id')::bigint
    left join public.contacts a on a.organization_id = c.organization_id and a.phone_number = e.item ->> 'phone'
    left join public.contacts b on b.organization_id = c.organization_id and b.lid = e.item ->> 'lid'
    left join lateral public.find_changed(row(e.place, c.id, 'change', null, c.organization_id, c.instance_id,
      e.item ->> 'phone', e.item ->> 'lid', null, null, coalesce(e.item ->> 'chat', c.chat), null, null, null, null, null, null, null, null,
      null, e.item, coalesce(b.id, a.id))::public.ingest_work) f on true
    left join public.messages m on m.id = f.id and not f.is_note
    left join public.notes n on n.id = f.id and f.is_note
    left join public.inbox i on i.id = coalesce(m.inbox_id, n.inbox_id)
  );
end
$$;

revoke execute on function
  public.is_in_group(public.ingest_work), public.changer_of(public.ingest_work), public.find_changed(public.ingest_work), public.events_around(text, timestamptz), public.forget_in_events(text, text, uuid, timestamptz),
  public.delete_changed(public.ingest_work, uuid, boolean), public.counted_answers(uuid, jsonb),
  public.store_answer(public.ingest_work, uuid, boolean, jsonb), public.store_reaction(public.ingest_work, uuid, boolean),
  public.keep_change(public.ingest_work), public.apply_change(public.ingest_work),
  public.apply_changes(public.ingest_work[], bigint[], boolean), public.find_change_targets(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.is_in_group(public.ingest_work), public.changer_of(public.ingest_work), public.find_changed(public.ingest_work), public.events_around(text, timestamptz), public.forget_in_events(text, text, uuid, timestamptz),
  public.delete_changed(public.ingest_work, uuid, boolean), public.counted_answers(uuid, jsonb),
  public.store_answer(public.ingest_work, uuid, boolean, jsonb), public.store_reaction(public.ingest_work, uuid, boolean),
  public.keep_change(public.ingest_work), public.apply_change(public.ingest_work),
  public.apply_changes(public.ingest_work[], bigint[], boolean), public.find_change_targets(jsonb)
  to service_role;
