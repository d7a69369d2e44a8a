-- Files of messages: where they are kept, and what is still to be fetched from WhatsApp.

-- A file in a store. The row is written before the file and goes after it, so that no file is without a row: `writing` until it is
-- there, `stored` while it may be used, `doomed` while it is being removed. The same bytes of one organization are stored once.
create table if not exists public.media_files (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id),
  sha256 bytea not null,
  size bigint not null check (size >= 0),
  -- By its content.
  mime_type text not null,
  width int,
  height int,
  seconds double precision,
  has_thumbnail boolean not null default false,
  backend text not null check (backend in ('local', 'supabase', 's3')),
  state text not null default 'writing' check (state in ('writing', 'stored', 'doomed')),
  -- When somebody looks whether it is still needed; null: not before it loses a reference.
  expires_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index if not exists idx_media_files_content on public.media_files (organization_id, sha256) where state = 'stored';
create index if not exists idx_media_files_expiry on public.media_files (expires_at) where expires_at is not null;

-- How many bytes the files of an organization take, with those that are being written or removed.
create table if not exists public.media_usage (
  organization_id text primary key references public.organizations (id) on delete cascade,
  bytes bigint not null default 0
);

-- The file of a message or a note, from when it is known that there is one.
create table if not exists public.message_media (
  -- Of the one or the other: the same as one of the next two, with which it goes.
  message_id uuid primary key,
  of_message uuid references public.messages (id) on delete cascade,
  of_note uuid references public.notes (id) on delete cascade,
  organization_id text not null,
  instance_id uuid not null,
  whatsapp_message_id text not null,
  kind text not null,
  state text not null default 'pending' check (state in ('pending', 'ready', 'failed', 'expired', 'skipped')),
  -- Why it is not there, by a code.
  error text,
  -- Until it is ready what its sender says, afterwards what it is.
  mime_type text,
  file_name text,
  size bigint,
  seconds double precision,
  width int,
  height int,
  waveform bytea,
  is_animated boolean not null default false,
  -- Of the file, as its sender says: what comes is compared with it.
  sha256 bytea,
  -- A JPEG that the sender made, until there is one of ours.
  thumbnail bytea,
  -- How to get and open it, sealed; gone once it is ready.
  sealed bytea,
  file_id uuid references public.media_files (id),
  -- What is to be done next: fetching it, or asking the account's phone to upload once more what WhatsApp has no longer.
  step text not null default 'download' check (step in ('download', 'phone')),
  -- Of this step.
  attempts int not null default 0,
  -- How often it came to asking the phone.
  phone_rounds int not null default 0,
  -- While somebody works on it: until when at the latest.
  next_attempt_at timestamptz not null default now(),
  claimed_by text,
  created_at timestamptz not null default now(),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_message_media_of_message on public.message_media (of_message) where of_message is not null;
create index if not exists idx_message_media_of_note on public.message_media (of_note) where of_note is not null;
create index if not exists idx_message_media_due on public.message_media (step, organization_id, next_attempt_at)
  where state = 'pending';
create index if not exists idx_message_media_waiting on public.message_media (step, next_attempt_at) where state = 'pending';
create index if not exists idx_message_media_file on public.message_media (file_id) where file_id is not null;
create index if not exists idx_message_media_asked on public.message_media (instance_id, whatsapp_message_id) where step = 'phone';
create index if not exists idx_message_media_sealed on public.message_media (instance_id, message_id) where sealed is not null;

alter table public.media_files enable row level security;
alter table public.media_usage enable row level security;
alter table public.message_media enable row level security;
revoke all on public.media_files, public.media_usage, public.message_media from public, anon, authenticated;
grant select, insert, update, delete on public.media_files, public.media_usage, public.message_media to service_role;

-- A file that a row stops to use may be needed by nobody: somebody has to look.
create or replace function public.release_media_file() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update public.media_files f set expires_at = now()
    where f.id = old.file_id and f.state = 'stored' and (tg_op = 'DELETE' or new.file_id is distinct from old.file_id);
  return null;
end
$$;
create or replace trigger release_media_file after delete or update of file_id on public.message_media
  for each row when (old.file_id is not null) execute function public.release_media_file();

-- Begins to store a file. `state`: `stored` when the same bytes are there already, under `id` then, and stay for a while; `writing`
-- when they are to be written under `id`, within `lease_seconds`; `refused` where the organization would have more than `quota` bytes.
create or replace function public.reserve_media_file(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_size constant bigint := (p ->> 'size')::bigint;
  v_quota constant bigint := (p ->> 'quota')::bigint;
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_id uuid;
begin
  update public.media_files f set expires_at = greatest(f.expires_at, v_until)
    where f.organization_id = p ->> 'organization_id' and f.sha256 = decode(p ->> 'sha256', 'hex') and f.state = 'stored'
    returning f.id into v_id;
  if found then
    return jsonb_build_object('id', v_id, 'state', 'stored');
  end if;
  insert into public.media_usage (organization_id) values (p ->> 'organization_id') on conflict do nothing;
  update public.media_usage u set bytes = u.bytes + v_size
    where u.organization_id = p ->> 'organization_id' and (v_quota is null or u.bytes + v_size <= v_quota);
  if not found then
    return jsonb_build_object('id', null, 'state', 'refused');
  end if;
  insert into public.media_files (organization_id, sha256, size, mime_type, width, height, seconds, has_thumbnail, backend,
      expires_at)
    values (p ->> 'organization_id', decode(p ->> 'sha256', 'hex'), v_size, p ->> 'mime_type', (p ->> 'width')::int,
      (p ->> 'height')::int, (p ->> 'seconds')::double precision, coalesce((p ->> 'has_thumbnail')::boolean, false),
      p ->> 'backend', v_until)
    returning id into v_id;
  return jsonb_build_object('id', v_id, 'state', 'writing');
end
$$;

-- A file is in its store. Gives the id under which its bytes are kept, another one where somebody else was faster with the same
-- bytes; null when it took too long. Unless a row refers to it within `lease_seconds`, it is removed.
create or replace function public.finish_media_file(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_file public.media_files;
  v_id uuid;
begin
  select * into v_file from public.media_files where id = (p ->> 'id')::uuid and state = 'writing' for update;
  if not found then
    return '{"id": null}'::jsonb;
  end if;
  begin
    update public.media_files set state = 'stored', expires_at = v_until where id = v_file.id;
    return jsonb_build_object('id', v_file.id);
  exception when unique_violation then
    update public.media_files f set expires_at = greatest(f.expires_at, v_until)
      where f.organization_id = v_file.organization_id and f.sha256 = v_file.sha256 and f.state = 'stored'
      returning f.id into v_id;
    update public.media_files set expires_at = now() where id = v_file.id;
    return jsonb_build_object('id', v_id);
  end;
end
$$;

-- Whether anything refers to a file.
create or replace function public.is_media_file_used(p_id uuid) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (select from public.message_media m where m.file_id = p_id);
end
$$;

-- Looks at files whose time is over; those that nobody needs are `doomed`, and given to whoever asks, to remove them from their store
-- within `lease_seconds` and then have them forgotten.
create or replace function public.doom_media_files(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_ids uuid[];
begin
  v_ids := array(
    select f.id from public.media_files f
    where f.expires_at <= now()
    order by f.expires_at
    limit least(greatest((p ->> 'limit')::int, 1), 500)
    for update skip locked
  );
  update public.media_files f set expires_at = null
    where f.id = any (v_ids) and f.state = 'stored' and public.is_media_file_used(f.id);
  update public.media_files f set state = 'doomed', expires_at = v_until
    where f.id = any (v_ids) and f.expires_at is not null;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'organization_id', f.organization_id, 'backend', f.backend)), '[]')
    from public.media_files f
    where f.id = any (v_ids) and f.state = 'doomed'
  );
end
$$;

-- What was removed from its store.
create or replace function public.forget_media_files(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_forgotten int;
begin
  with gone as (
    delete from public.media_files f
      where f.id in (select e::uuid from jsonb_array_elements_text(p -> 'ids') e) and f.state = 'doomed'
      returning f.organization_id, f.size
  ), freed as (
    update public.media_usage u set bytes = greatest(u.bytes - g.bytes, 0)
      from (select organization_id, sum(size) as bytes from gone group by organization_id) g
      where u.organization_id = g.organization_id
  )
  select count(*) into v_forgotten from gone;
  return jsonb_build_object('forgotten', v_forgotten);
end
$$;

-- The message or the note that a file is of; nothing where there is none.
create or replace function public.media_subject(p_id uuid, out organization_id text, out contact_id uuid, out chat_jid text,
    out from_me boolean)
  language plpgsql stable
  set search_path = ''
as $$
-- @plpgsql_check_options: extra_warnings = off
begin
  select m.organization_id, m.contact_id, m.chat_jid, m.direction = 'outbound' into organization_id, contact_id, chat_jid, from_me
    from public.messages m where m.id = p_id;
  if not found then
    select n.organization_id, n.contact_id, coalesce(k.lid || '@lid', k.phone_number || '@s.whatsapp.net', n.chat_key), true
      into organization_id, contact_id, chat_jid, from_me
      from public.notes n
      left join lateral public.addressed_contact(n.contact_id, n.chat_key) k on true
      where n.id = p_id;
  end if;
end
$$;

-- Files of messages and notes that were stored just now; `p_stored` names their inbox rows.
create or replace function public.store_media(p_work public.ingest_work[], p_stored bigint[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.message_media (message_id, of_message, of_note, organization_id, instance_id, whatsapp_message_id, kind,
      mime_type, file_name, size, seconds, width, height, waveform, is_animated, sha256, thumbnail, sealed)
    select s.id, s.of_message, s.of_note, w.organization_id, w.instance_id, w.message_id, d.media ->> 'kind', d.media ->> 'mime_type',
      d.media ->> 'file_name', public.plausible_number(d.media -> 'size')::bigint,
      public.plausible_number(d.media -> 'seconds')::double precision, public.plausible_number(d.media -> 'width')::int,
      public.plausible_number(d.media -> 'height')::int, decode(d.media ->> 'waveform', 'base64'),
      coalesce((d.media ->> 'is_animated')::boolean, false), decode(d.media ->> 'sha256', 'hex'),
      decode(d.media ->> 'thumbnail', 'base64'), decode(d.media ->> 'sealed', 'base64')
    from unnest(p_work) w
    cross join lateral (select w.detail -> 'media' as media) d
    cross join lateral (
      select m.id, m.id as of_message, null::uuid as of_note
      from public.messages m
      where w.action = 'client' and m.instance_id = w.instance_id and m.direction = 'inbound'
        and m.chat_key = w.person_id::text and m.whatsapp_message_id = w.message_id
      union all
      select m.id, m.id, null
      from public.messages m
      where w.action = 'group' and m.instance_id = w.instance_id
        and m.direction = case when w.from_me then 'outbound' else 'inbound' end
        and m.chat_key = public.group_chat_key(w.chat, w.from_me, w.lid, w.phone) and m.whatsapp_message_id = w.message_id
      union all
      select n.id, null, n.id
      from public.notes n
      where w.action = 'owner_note' and n.instance_id = w.instance_id and n.chat_key = coalesce(w.person_id::text, w.chat)
        and n.whatsapp_message_id = w.message_id
    ) s
    where w.inbox_id = any (p_stored) and d.media is not null
    order by s.id
    on conflict (message_id) do nothing;
end
$$;

-- What senders say of sizes may be anything: a number that no file has is none.
create or replace function public.plausible_number(p_value jsonb) returns numeric
  language sql immutable parallel safe
  set search_path = ''
as $$
  select case when jsonb_typeof(p_value) = 'number' and p_value::numeric between 0 and 2147483647 then p_value::numeric end
$$;

-- A file that is stored is the file of a message, of one that we sent for instance; `p_media` holds what there is to tell of it.
create or replace function public.attach_media(p_message_id uuid, p_file_id uuid, p_media jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform 1 from public.media_files f where f.id = p_file_id and f.state = 'stored' for share;
  if not found then
    raise exception 'media file not found' using errcode = 'AZ404';
  end if;
  insert into public.message_media (message_id, of_message, organization_id, instance_id, whatsapp_message_id, kind, state, mime_type,
      file_name, size, seconds, width, height, waveform, is_animated, file_id)
    select m.id, m.id, m.organization_id, m.instance_id, coalesce(m.whatsapp_message_id, ''), p_media ->> 'kind', 'ready', f.mime_type,
      p_media ->> 'file_name', f.size, coalesce((p_media ->> 'seconds')::double precision, f.seconds),
      coalesce(f.width, (p_media ->> 'width')::int), coalesce(f.height, (p_media ->> 'height')::int),
      decode(p_media ->> 'waveform', 'base64'), coalesce((p_media ->> 'is_animated')::boolean, false), f.id
    from public.messages m
    join public.media_files f on f.organization_id = m.organization_id
    where m.id = p_message_id and f.id = p_file_id
    on conflict (message_id) do nothing;
end
$$;

-- How loud a voice note is in the course of it, in 64 steps of 0 to 100, whatever its sender says; null where nobody said it.
create or replace function public.waveform_view(p_waveform bytea) returns jsonb
  language sql immutable parallel safe
  set search_path = ''
as $$
  select jsonb_agg(least(get_byte(p_waveform, s), 100) order by s)
  from generate_series(0, least(octet_length(p_waveform), 64) - 1) s
$$;

-- What callers are shown of the file of a message; null where it has none.
create or replace function public.media_view(p_message_id uuid) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('state', m.state, 'mime_type', m.mime_type, 'file_name', m.file_name, 'size', m.size,
      'seconds', m.seconds, 'width', m.width, 'height', m.height, 'sha256', encode(f.sha256, 'hex'),
      'waveform', public.waveform_view(m.waveform),
      'url', case when f.id is not null then '/api/messages/' || m.message_id || '/media' end,
      'thumbnail_url', case when f.has_thumbnail then '/api/messages/' || m.message_id || '/thumbnail' end,
      'error', m.error)
    from public.message_media m
    left join public.media_files f on f.id = m.file_id
    where m.message_id = p_message_id
  );
end
$$;

-- Tells that the file of a message came, or will not; returns the event.
create or replace function public.append_media_event(p_message_id uuid) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_media public.message_media;
begin
  select * into v_media from public.message_media where message_id = p_message_id;
  return public.append_event(v_media.organization_id, v_media.instance_id, jsonb_build_object(
    'name', 'whatsapp:media', 'payload', jsonb_strip_nulls(jsonb_build_object(
      'instanceId', v_media.instance_id, 'id', v_media.message_id, 'messageId', v_media.whatsapp_message_id,
      'contactId', (public.media_subject(p_message_id)).contact_id,
      'groupId', (select m.group_id from public.messages m where m.id = p_message_id),
      'state', v_media.state, 'mimeType', v_media.mime_type, 'size', v_media.size, 'error', v_media.error,
      'timestamp', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))));
end
$$;

-- Whether there is work: files to fetch, phones to ask, files to remove.
create or replace function public.media_waits() returns jsonb
  language plpgsql stable
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
begin
  return jsonb_build_object(
    'download', exists (
      select from public.message_media m
      where m.state = 'pending' and m.step = 'download' and m.next_attempt_at <= now()
    ),
    'phone', exists (
      select from public.message_media m where m.state = 'pending' and m.step = 'phone' and m.next_attempt_at <= now()
    ),
    'expired', exists (select from public.media_files f where f.expires_at <= now()));
end
$$;

-- Gives a worker the files whose turn it is: of each organization the oldest, the organizations in turn, and never so many of one that
-- more than `per_organization` are worked on at the same time, by whichever process. A claim ends after `lease_seconds`.
create or replace function public.claim_media(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_step constant text := p ->> 'step';
  v_ids uuid[];
begin
  -- What is worked on is counted, and two must not count at the same time.
  perform pg_advisory_xact_lock(hashtextextended('auzap media claims', 0));
  with recursive owners as (
    (
      select m.organization_id from public.message_media m
      where m.state = 'pending' and m.step = v_step order by m.organization_id limit 1
    )
    union all
    select n.organization_id
    from owners o
    cross join lateral (
      select m.organization_id from public.message_media m
      where m.state = 'pending' and m.step = v_step and m.organization_id > o.organization_id
      order by m.organization_id
      limit 1
    ) n
  ), turns as (
    select c.message_id, c.next_attempt_at,
      row_number() over (partition by o.organization_id order by c.next_attempt_at) + o.busy as turn
    from (
      select w.organization_id, (
          select count(*) from public.message_media b
          where b.state = 'pending' and b.step = v_step and b.organization_id = w.organization_id
            and b.next_attempt_at > now() and b.claimed_by is not null
        ) as busy
      from owners w
    ) o
    cross join lateral (
      select m.message_id, m.next_attempt_at
      from public.message_media m
      where m.state = 'pending' and m.step = v_step and m.organization_id = o.organization_id and m.next_attempt_at <= now()
      order by m.next_attempt_at
      limit greatest((p ->> 'per_organization')::int - o.busy, 0)
    ) c
  )
  select array_agg(t.message_id) into v_ids
    from (
      select w.message_id from turns w
      order by w.turn, w.next_attempt_at
      limit least(greatest((p ->> 'limit')::int, 1), 100)
    ) t;
  v_ids := array(
    select m.message_id from public.message_media m
    where m.message_id = any (v_ids) and m.state = 'pending' and m.next_attempt_at <= now()
    order by m.message_id
    for update skip locked
  );
  update public.message_media m
    set claimed_by = p ->> 'worker', attempts = m.attempts + 1,
      next_attempt_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where m.message_id = any (v_ids);
  return (
    select coalesce(jsonb_agg(jsonb_build_object('message_id', m.message_id, 'organization_id', m.organization_id,
        'instance_id', m.instance_id, 'whatsapp_message_id', m.whatsapp_message_id, 'kind', m.kind, 'size', m.size,
        'seconds', m.seconds, 'attempts', m.attempts, 'phone_rounds', m.phone_rounds, 'chat_jid', g.chat_jid, 'from_me', g.from_me,
        'author_jid', (
          select coalesce(a.sender_lid || '@lid', a.sender_phone || '@s.whatsapp.net')
          from public.messages a where a.id = m.message_id and a.group_id is not null
        ),
        'sha256', encode(m.sha256, 'hex'),
        'thumbnail', translate(encode(m.thumbnail, 'base64'), e'\n', ''),
        'sealed', translate(encode(m.sealed, 'base64'), e'\n', '')) order by m.created_at), '[]')
    from public.message_media m
    cross join lateral public.media_subject(m.message_id) g
    where m.message_id = any (v_ids)
  );
end
$$;

-- Prolongs the claims of a worker; gives those that are still its own.
create or replace function public.renew_media_claims(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  with renewed as (
    update public.message_media m
      set next_attempt_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
      where m.message_id in (select e::uuid from jsonb_array_elements_text(p -> 'message_ids') e)
        and m.state = 'pending' and m.claimed_by = p ->> 'worker'
      returning m.message_id
  )
  select array_agg(r.message_id) into v_ids from renewed r;
  return coalesce(to_jsonb(v_ids), '[]');
end
$$;

-- What became of a file that a worker claimed. `state`: `ready`, with `file_id`; `failed`, `expired` or `skipped`, with `error`;
-- `pending`, to go on with `step` in `delay_seconds`, and without `counted` as if it had not been tried: what failed had nothing to do
-- with the file. Takes no effect where the claim is somebody else's by now. Gives the events.
create or replace function public.settle_media(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message_id constant uuid := (p ->> 'message_id')::uuid;
  v_state constant text := p ->> 'state';
  v_media public.message_media;
  v_file public.media_files;
  v_sender_counts boolean;
begin
  if v_state <> 'pending' then
    -- Before rows about messages: the order of everybody who locks both.
    perform 1 from public.organizations o
      where o.id = (select m.organization_id from public.message_media m where m.message_id = v_message_id)
      for no key update;
  end if;
  select * into v_media from public.message_media m
    where m.message_id = v_message_id and m.state = 'pending' and m.claimed_by = p ->> 'worker'
    for update;
  if not found then
    return '{"settled": false, "events": []}'::jsonb;
  end if;
  if v_state = 'ready' then
    select * into v_file from public.media_files f
      where f.id = (p ->> 'file_id')::uuid and f.organization_id = v_media.organization_id and f.state = 'stored'
      for share;
    if not found then
      raise exception 'media file not found' using errcode = 'AZ404';
    end if;
  end if;
  -- What is played may not say how large it is; what its content shows to be no picture has no size of one.
  v_sender_counts := v_state <> 'ready' or v_file.mime_type ~ '^(audio|video)/';
  update public.message_media m
    set state = v_state, claimed_by = null,
      step = coalesce(p ->> 'step', m.step),
      attempts = case when p ->> 'step' <> m.step then 0
        else greatest(m.attempts - case when p ->> 'counted' = 'false' then 1 else 0 end, 0) end,
      phone_rounds = m.phone_rounds + case when m.step = 'download' and p ->> 'step' = 'phone' then 1 else 0 end,
      error = p ->> 'error',
      next_attempt_at = now() + make_interval(secs => coalesce((p ->> 'delay_seconds')::double precision, 0)),
      thumbnail = case when v_state = 'ready' then null else m.thumbnail end,
      sealed = case when v_state = 'ready' then null else m.sealed end,
      file_id = v_file.id,
      mime_type = coalesce(v_file.mime_type, m.mime_type),
      size = coalesce(v_file.size, m.size),
      width = coalesce(v_file.width, case when v_sender_counts then m.width end),
      height = coalesce(v_file.height, case when v_sender_counts then m.height end),
      seconds = coalesce(v_file.seconds, case when v_sender_counts then m.seconds end)
    where m.message_id = v_message_id;
  return jsonb_build_object('settled', true, 'events',
    case when v_state = 'pending' then '[]'::jsonb else jsonb_build_array(public.append_media_event(v_message_id)) end);
end
$$;

-- Files for which the phone of an instance was asked by the id of their message, also those that were given up meanwhile: what opens
-- them, and where they were.
create or replace function public.find_asked_media(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('message_id', m.message_id, 'chat_jid', g.chat_jid,
        'sealed', translate(encode(m.sealed, 'base64'), e'\n', ''))), '[]')
    from (
      select a.* from public.message_media a
      where a.instance_id = (p ->> 'instance_id')::uuid and a.whatsapp_message_id = p ->> 'whatsapp_message_id'
        and a.step = 'phone' and a.sealed is not null
      limit 20
    ) m
    cross join lateral public.media_subject(m.message_id) g
  );
end
$$;

-- What the phone said of a file that it was asked for: `sealed`, where it is now, so that it is fetched; or `error`, why it is not
-- there. Takes no effect where nobody waits for it. Gives the events.
create or replace function public.answer_media(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message_id constant uuid := (p ->> 'message_id')::uuid;
  v_sealed constant bytea := decode(p ->> 'sealed', 'base64');
  v_state text;
begin
  perform 1 from public.organizations o
    where o.id = (select m.organization_id from public.message_media m where m.message_id = v_message_id)
    for no key update;
  select m.state into v_state from public.message_media m
    where m.message_id = v_message_id and m.step = 'phone' and m.sealed is not null
    for update;
  if not found or v_sealed is null and v_state <> 'pending' then
    return '{"events": []}'::jsonb;
  end if;
  if v_sealed is null then
    update public.message_media m
      set state = 'failed', error = p ->> 'error', claimed_by = null
      where m.message_id = v_message_id;
  else
    update public.message_media m
      set state = 'pending', error = null, step = 'download', attempts = 0, claimed_by = null, next_attempt_at = now(),
        sealed = v_sealed
      where m.message_id = v_message_id;
  end if;
  return jsonb_build_object('events',
    case when v_sealed is null or v_state <> 'pending' then jsonb_build_array(public.append_media_event(v_message_id)) else '[]' end);
end
$$;

-- Has what failed, expired or was skipped tried once more. `state`: null where the message has no file, `ready` and `pending` as they
-- are. `retryable`: it is known how to get it. Gives the events.
create or replace function public.retry_media(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message_id constant uuid := (p ->> 'message_id')::uuid;
  v_media public.message_media;
  v_events jsonb := '[]'::jsonb;
begin
  perform 1 from public.organizations o where o.id = p ->> 'organization_id' for no key update;
  select * into v_media from public.message_media m
    where m.message_id = v_message_id and m.organization_id = p ->> 'organization_id'
    for update;
  if v_media.state in ('failed', 'expired', 'skipped') and v_media.sealed is not null then
    update public.message_media m
      set state = 'pending', error = null, attempts = 0, phone_rounds = 0, next_attempt_at = now(), claimed_by = null,
        step = 'download'
      where m.message_id = v_message_id;
    v_events := jsonb_build_array(public.append_media_event(v_message_id));
  end if;
  return jsonb_build_object('media', public.media_view(v_message_id), 'events', v_events,
    'retryable', v_media.sealed is not null or v_media.state is distinct from 'failed' and v_media.state is distinct from 'expired'
      and v_media.state is distinct from 'skipped');
end
$$;

-- The file of a message, or a note, of one of the organizations, of any where `organization_ids` is null; null where there is no such message.
-- `media` is null where it has no file, `file` where that is not there.
create or replace function public.find_media(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('organization_id', g.organization_id,
      'media', case when m.message_id is not null then jsonb_build_object('state', m.state, 'error', m.error, 'kind', m.kind,
        'file_name', m.file_name) end,
      'file', case when f.id is not null then jsonb_build_object('id', f.id, 'sha256', encode(f.sha256, 'hex'), 'size', f.size,
        'mime_type', f.mime_type, 'backend', f.backend, 'has_thumbnail', f.has_thumbnail) end)
    from public.media_subject((p ->> 'message_id')::uuid) g
    left join public.message_media m on m.message_id = (p ->> 'message_id')::uuid
    left join public.media_files f on f.id = m.file_id and f.state = 'stored'
    where g.organization_id is not null
      and (p -> 'organization_ids' is null or p -> 'organization_ids' = 'null' or p -> 'organization_ids' ? g.organization_id)
  );
end
$$;

revoke execute on function
  public.release_media_file(), public.reserve_media_file(jsonb), public.finish_media_file(jsonb),
  public.is_media_file_used(uuid), public.doom_media_files(jsonb), public.forget_media_files(jsonb), public.media_subject(uuid),
  public.store_media(public.ingest_work[], bigint[]),
  public.plausible_number(jsonb),
  public.attach_media(uuid, uuid, jsonb), public.waveform_view(bytea), public.media_view(uuid), public.append_media_event(uuid), public.media_waits(),
  public.claim_media(jsonb), public.renew_media_claims(jsonb), public.settle_media(jsonb),
  public.find_asked_media(jsonb), public.answer_media(jsonb), public.retry_media(jsonb), public.find_media(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.release_media_file(), public.reserve_media_file(jsonb), public.finish_media_file(jsonb),
  public.is_media_file_used(uuid), public.doom_media_files(jsonb), public.forget_media_files(jsonb), public.media_subject(uuid),
  public.store_media(public.ingest_work[], bigint[]),
  public.plausible_number(jsonb),
  public.attach_media(uuid, uuid, jsonb), public.waveform_view(bytea), public.media_view(uuid), public.append_media_event(uuid), public.media_waits(),
  public.claim_media(jsonb), public.renew_media_claims(jsonb), public.settle_media(jsonb),
  public.find_asked_media(jsonb), public.answer_media(jsonb), public.retry_media(jsonb), public.find_media(jsonb)
  to service_role;
