-- Sending that survives a crash: what a repeat needs, and the key by which a caller asks for the same message again.

alter table public.messages
  -- Chosen by the caller; names one message of the instance for as long as its row is kept.
  add column idempotency_key text check (char_length(idempotency_key) between 1 and 255),
  -- Of what the caller asked for under the key.
  add column request_hash text,
  -- The account that it was to leave from: it is never repeated from another one.
  add column sent_from text,
  -- How often it was written again under its id.
  add column repeats int not null default 0;

create unique index idx_messages_idempotency on public.messages (instance_id, idempotency_key)
  where idempotency_key is not null;
create index idx_messages_open on public.messages (instance_id, ordinal)
  where direction = 'outbound' and status in ('pending', 'unknown');

create or replace function public.begin_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_phone constant text := nullif(p ->> 'phone', '');
  v_lid constant text := nullif(p ->> 'lid', '');
  v_account text;
  v_contact_id uuid;
  v_message public.messages;
begin
  perform 1 from public.organizations where id = v_organization_id for no key update;
  select coalesce(account_phone, account_lid, '') into v_account
    from public.whatsapp_instances where id = v_instance_id and organization_id = v_organization_id;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  -- The lock above makes calls with one key wait for each other.
  select * into v_message from public.messages
    where instance_id = v_instance_id and idempotency_key = p ->> 'idempotency_key';
  if found then
    return public.outbound_view(v_message);
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
      whatsapp_message_id, chat_jid, chat_key, status, idempotency_key, request_hash, sent_from)
    values (v_organization_id, v_contact_id, v_instance_id, 'outbound', p ->> 'content',
      coalesce(p ->> 'content_type', 'conversation'), p ->> 'whatsapp_message_id', p ->> 'chat_jid',
      coalesce(v_contact_id::text, p ->> 'chat_jid', ''), 'pending',
      p ->> 'idempotency_key', p ->> 'request_hash', nullif(v_account, ''))
    on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update set updated_at = now()
    returning m.* into v_message;
  return public.outbound_view(v_message);
end
$$;

-- What the service needs to know of a message that it sends.
create function public.outbound_view(m public.messages) returns jsonb
  language sql stable
  set search_path = ''
  return jsonb_build_object(
    'message_id', m.id, 'contact_id', m.contact_id, 'instance_id', m.instance_id, 'ordinal', m.ordinal,
    'whatsapp_message_id', m.whatsapp_message_id, 'chat_jid', m.chat_jid, 'content', m.content,
    'content_type', m.content_type, 'status', m.status, 'error', m.error, 'request_hash', m.request_hash
  );

create function public.find_outbound(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select public.outbound_view(m) from public.messages m
    where m.instance_id = (p ->> 'instance_id')::uuid and m.idempotency_key = p ->> 'idempotency_key';
  end;

-- Messages whose sending is in doubt, in their order.
create function public.list_open_outbound(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select coalesce(jsonb_agg(public.outbound_view(m) order by m.ordinal), '[]')
    from public.messages m
    where m.id in (
      select o.id from public.messages o
      where o.instance_id = (p ->> 'instance_id')::uuid and o.direction = 'outbound'
        and o.status in ('pending', 'unknown')
      order by o.ordinal
      limit least((p ->> 'limit')::int, 5000)
    );
  end;

-- To be asked before a message is written again: it may be known by now, too old, or another account's.
create function public.repeat_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message public.messages;
  v_account public.whatsapp_instances;
  v_reason text;
begin
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    return jsonb_build_object('status', 'failed', 'error', 'message_deleted');
  end if;
  if v_message.status in ('pending', 'unknown') then
    select * into v_account from public.whatsapp_instances where id = v_message.instance_id;
    v_reason := case
      when v_message.sent_from not in (v_account.account_phone, v_account.account_lid) then 'account_changed'
      when v_message.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float) then 'not_confirmed_in_time'
      when v_message.repeats >= (p ->> 'max_repeats')::int then 'not_confirmed'
    end;
    update public.messages
      set status = case when v_reason is null then 'unknown' else 'failed' end,
        error = v_reason,
        repeats = repeats + case when v_reason is null then 1 else 0 end
      where id = v_message.id
      returning * into v_message;
  end if;
  return jsonb_build_object('status', v_message.status, 'error', v_message.error);
end
$$;

-- Gives up what was in doubt for too long, also for instances that nobody runs; tells which instances have something
-- in doubt that nothing has happened to for a while.
create function public.sweep_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_expired int;
  v_instances jsonb;
begin
  with expired as (
    select m.id from public.messages m
    where m.direction = 'outbound' and m.status in ('pending', 'unknown')
      and m.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float)
    limit 1000
    for update skip locked
  )
  update public.messages m set status = 'failed', error = 'not_confirmed_in_time'
    from expired e where m.id = e.id;
  get diagnostics v_expired = row_count;
  select coalesce(jsonb_agg(o.instance_id), '[]') into v_instances
    from (
      select distinct m.instance_id from public.messages m
      where m.direction = 'outbound' and m.status in ('pending', 'unknown')
        and m.updated_at < now() - make_interval(secs => (p ->> 'idle_seconds')::float)
      limit 5000
    ) o;
  return jsonb_build_object('expired', v_expired, 'instance_ids', v_instances);
end
$$;

-- A new owner does not know how far the one before it came; without a session nobody will ever know.
create function public.doubt_outbound() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  with open as (
    select m.id from public.messages m
    where m.instance_id = new.id and m.direction = 'outbound'
      and (m.status = 'pending' or (m.status = 'unknown' and new.session_data is null))
    -- Whoever holds one of them is about to say how it went.
    for update skip locked
  )
  update public.messages m
    set status = case when new.session_data is null then 'failed' else 'unknown' end,
      error = case when new.session_data is null then 'session_ended' end
    from open o where m.id = o.id;
  return null;
end
$$;

create trigger doubt_outbound after update of lease_epoch on public.whatsapp_instances
  for each row when (new.lease_epoch <> old.lease_epoch)
  execute function public.doubt_outbound();

do $$
declare
  v_name text;
begin
  foreach v_name in array array[
    'outbound_view(public.messages)', 'find_outbound(jsonb)', 'list_open_outbound(jsonb)', 'repeat_outbound(jsonb)',
    'sweep_outbound(jsonb)', 'doubt_outbound()'
  ] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
