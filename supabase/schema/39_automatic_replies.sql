-- Messages that the service writes by itself, as the organization has it.

-- What was answered, so that it is answered once, and seldom.
create table if not exists public.automatic_replies (
  contact_id uuid not null,
  organization_id text not null,
  occasion text not null check (occasion in ('first_message', 'outside_hours', 'booking_confirmed', 'booking_cancelled')),
  -- Which closing, or which booking; empty: there is one of the kind.
  subject text not null default '',
  -- The message may have been deleted since.
  message_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (contact_id, occasion, subject),
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id) on delete cascade
);
create index if not exists idx_automatic_replies_age on public.automatic_replies (organization_id, created_at)
  where occasion <> 'first_message';
alter table public.automatic_replies enable row level security;
revoke all on public.automatic_replies from public, anon, authenticated;
grant select, insert, update, delete on public.automatic_replies to service_role;

-- The language that most people speak whose numbers begin so; null where that says nothing.
create or replace function public.language_of_phone(p_phone text) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select case
    when p_phone ~ '^(55|351|244|258|238)' then 'pt'
    when p_phone ~ '^(34|5[12346-8]|59[1358]|50[2-7]|53)' then 'es'
    when p_phone ~ '^(1|44|61|64|353)' then 'en'
    when p_phone ~ '^(49|43)' then 'de'
    when p_phone ~ '^(33|225|221|237)' then 'fr'
    when p_phone ~ '^39' then 'it'
    when p_phone ~ '^31' then 'nl'
    when p_phone ~ '^48' then 'pl'
    when p_phone ~ '^90' then 'tr'
    when p_phone ~ '^62' then 'id'
    when p_phone ~ '^(7)' then 'ru'
    when p_phone ~ '^380' then 'uk'
    when p_phone ~ '^81' then 'ja'
    when p_phone ~ '^82' then 'ko'
    when p_phone ~ '^(20|966|971|212|213|216|962|965|968|973|974)' then 'ar'
    when p_phone ~ '^972' then 'he'
  end
$$;

-- In which of the organization's languages a person is written to.
create or replace function public.language_for(p_languages text[], p_phone text) returns text
  language sql stable
  set search_path = ''
as $$
  select coalesce((
    select l.language
    from unnest(p_languages) with ordinality as l (language, place)
    where split_part(l.language, '-', 1) = public.language_of_phone(p_phone)
    order by l.place
    limit 1
  ), p_languages[1])
$$;

-- A time as people who speak a language read it.
create or replace function public.local_time(p_at timestamptz, p_time_zone text, p_language text) returns text
  language sql stable
  set search_path = ''
as $$
  select coalesce(to_char(p_at at time zone p_time_zone, case split_part(p_language, '-', 1)
    when 'de' then 'DD.MM.YYYY HH24:MI' when 'pl' then 'DD.MM.YYYY HH24:MI' when 'ru' then 'DD.MM.YYYY HH24:MI'
    when 'uk' then 'DD.MM.YYYY HH24:MI' when 'tr' then 'DD.MM.YYYY HH24:MI'
    when 'pt' then 'DD/MM/YYYY HH24:MI' when 'es' then 'DD/MM/YYYY HH24:MI' when 'fr' then 'DD/MM/YYYY HH24:MI'
    when 'it' then 'DD/MM/YYYY HH24:MI' when 'id' then 'DD/MM/YYYY HH24:MI'
    else 'YYYY-MM-DD HH24:MI' end), '')
$$;

-- A template with what its placeholders stand for. What a client chose comes last: it is no template.
create or replace function public.filled_template(p_template text, p_values jsonb) returns text
  language plpgsql immutable
  set search_path = ''
as $$
declare
  v_text text := p_template;
  v_name text;
begin
  foreach v_name in array array['opens_at', 'booking_starts_at', 'organization_name', 'booking_service', 'booking_title', 'contact_name'] loop
    v_text := replace(v_text, '{{' || v_name || '}}', coalesce(p_values ->> v_name, ''));
  end loop;
  -- What stands for nothing leaves no gap.
  return btrim(regexp_replace(regexp_replace(v_text, ' {2,}', ' ', 'g'), ' ([,.!?])', '\1', 'g'), e' \n');
end
$$;

-- Writes to a person who wrote before, once for what it is about, where the organization has it so and nothing speaks against it; it
-- leaves as any message of the API does. The caller holds the organization. `p_values`: what placeholders stand for. Returns the event.
create or replace function public.reply_automatically(p_organization_id text, p_instance_id uuid, p_contact_id uuid, p_occasion text,
    p_subject text, p_values jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_reply constant jsonb := (public.settings_of(p_organization_id)).automatic_replies -> p_occasion;
  v_settings public.organization_settings;
  v_contact public.contacts;
  v_instance record;
  v_sent record;
  v_address jsonb;
  v_language text;
  v_text text;
  v_message public.messages;
begin
  if not coalesce((v_reply ->> 'enabled')::boolean, false) then
    return '[]'::jsonb;
  end if;
  -- Whoever answers faster than people do is a robot, and two of them would never end.
  select count(*) filter (where a.created_at > now() - interval '1 hour') as of_hour, count(*) as of_day,
      coalesce(max(a.created_at) > now() - interval '3 seconds', false) and not p_occasion like 'booking%' as is_echo
    into v_sent
    from public.automatic_replies a
    where a.contact_id = p_contact_id and a.created_at > now() - interval '1 day';
  if v_sent.of_hour >= 5 or v_sent.of_day >= 10 or v_sent.is_echo then
    return '[]'::jsonb;
  end if;
  select coalesce(i.account_phone, i.account_lid) as account into v_instance
    from public.whatsapp_instances i
    where i.id = p_instance_id and i.deleted_at is null and i.has_session
      and (i.restriction is null or (i.restriction ->> 'until')::timestamptz <= now());
  if not found then
    return '[]'::jsonb;
  end if;
  select * into v_contact from public.contacts k where k.id = p_contact_id and k.organization_id = p_organization_id;
  v_address := public.conversation_address(p_organization_id, p_instance_id,
    case when v_contact.phone_number is null then '[]' else jsonb_build_array(v_contact.phone_number) end, v_contact.lid);
  if v_address is null then
    return '[]'::jsonb;
  end if;
  v_settings := public.settings_of(p_organization_id);
  v_language := public.language_for(v_settings.languages, v_contact.phone_number);
  v_text := public.filled_template(coalesce(v_reply -> 'texts' ->> v_language, v_reply -> 'texts' ->> v_settings.languages[1]),
    jsonb_build_object(
      'contact_name', nullif(v_contact.name, 'Unknown'),
      'organization_name', (select o.name from public.organizations o where o.id = p_organization_id),
      'booking_title', p_values -> 'title', 'booking_service', p_values -> 'service',
      'booking_starts_at', public.local_time((p_values ->> 'starts_at')::timestamptz, v_settings.time_zone, v_language),
      'opens_at', public.local_time((p_values ->> 'opens_at')::timestamptz, v_settings.time_zone, v_language)));
  if coalesce(v_text, '') = '' then
    return '[]'::jsonb;
  end if;
  v_message.id := gen_random_uuid();
  insert into public.automatic_replies (contact_id, organization_id, occasion, subject, message_id)
    values (p_contact_id, p_organization_id, p_occasion, p_subject, v_message.id)
    on conflict do nothing;
  if not found then
    return '[]'::jsonb;
  end if;
  insert into public.messages as m (id, organization_id, contact_id, instance_id, direction, content, content_type,
      whatsapp_message_id, chat_jid, chat_key, status, sent_from, reason)
    values (v_message.id, p_organization_id, p_contact_id, p_instance_id, 'outbound', v_text, 'text',
      -- As the library makes them.
      '3EB0' || upper(encode(substr(sha256(uuid_send(gen_random_uuid())), 1, 9), 'hex')), v_address ->> 'chat_jid',
      p_contact_id::text, 'pending', v_instance.account, 'automatic: ' || p_occasion)
    returning m.* into v_message;
  update public.contacts k set last_message_at = greatest(k.last_message_at, now()) where k.id = p_contact_id;
  return jsonb_build_array(public.message_sent_event(v_message,
    coalesce(v_address ->> 'phone', v_address ->> 'lid' || '@lid')));
end
$$;

-- Answers messages that clients just wrote: at most one answer to each. Not those that come late, which somebody may have answered
-- elsewhere by now, nor what comes at once after a message of ours, as robots answer.
create or replace function public.reply_to_received(p_work public.ingest_work[], p_stored bigint[]) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
  v_settings public.organization_settings;
  v_closed record;
  v_last record;
  v_events jsonb := '[]'::jsonb;
  v_told jsonb;
begin
  for v_one in
    select w.organization_id, w.instance_id, w.contact_id
    from unnest(p_work) w
    where w.inbox_id = any (p_stored) and w.action = 'client' and w.contact_id is not null
      and least(w.sent_at, w.received_at) > now() - interval '10 minutes'
    order by w.position
  loop
    v_settings := public.settings_of(v_one.organization_id);
    continue when not (v_settings.automatic_replies @? '$.*.enabled ? (@ == true)');
    select m.direction, m.created_at into v_last
      from public.messages m
      where m.contact_id = v_one.contact_id and m.content_type <> 'ciphertext'
        and (m.inbox_id is null or m.inbox_id <> all (p_stored))
      order by m.ordinal desc
      limit 1;
    continue when v_last.direction = 'outbound' and v_last.created_at > now() - interval '3 seconds';
    v_told := '[]'::jsonb;
    v_closed := public.closed_hours(v_settings, now());
    if v_closed.is_closed then
      v_told := public.reply_automatically(v_one.organization_id, v_one.instance_id, v_one.contact_id, 'outside_hours',
        coalesce(public.event_time(v_closed.since), 'always'), jsonb_build_object('opens_at', v_closed.until));
    end if;
    if v_told = '[]' and v_last.direction is null
        and not exists (select from public.notes n where n.contact_id = v_one.contact_id) then
      v_told := public.reply_automatically(v_one.organization_id, v_one.instance_id, v_one.contact_id, 'first_message', '',
        jsonb_build_object('opens_at', v_closed.until));
    end if;
    v_events := v_events || v_told;
  end loop;
  return v_events;
end
$$;

-- Tells a client what became of a booking.
create or replace function public.reply_about_booking(p_booking public.bookings) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  if p_booking.status not in ('confirmed', 'cancelled') then
    return '[]'::jsonb;
  end if;
  return public.reply_automatically(p_booking.organization_id,
    coalesce(public.last_instance_of(p_booking.contact_id), p_booking.instance_id), p_booking.contact_id,
    'booking_' || p_booking.status, p_booking.id::text,
    jsonb_build_object('title', coalesce(p_booking.title, p_booking.service), 'service', p_booking.service,
      'starts_at', p_booking.starts_at));
end
$$;

revoke execute on function
  public.language_of_phone(text), public.language_for(text[], text), public.local_time(timestamptz, text, text),
  public.filled_template(text, jsonb), public.reply_automatically(text, uuid, uuid, text, text, jsonb),
  public.reply_to_received(public.ingest_work[], bigint[]), public.reply_about_booking(public.bookings)
  from public, anon, authenticated;
grant execute on function
  public.language_of_phone(text), public.language_for(text[], text), public.local_time(timestamptz, text, text),
  public.filled_template(text, jsonb), public.reply_automatically(text, uuid, uuid, text, text, jsonb),
  public.reply_to_received(public.ingest_work[], bigint[]), public.reply_about_booking(public.bookings)
  to service_role;
