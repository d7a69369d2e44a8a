-- What WhatsApp hands over of the time before: each notification of the account's own phone, and what became of it.

create table if not exists public.history_syncs (
  id uuid primary key default gen_random_uuid(),
  ordinal bigint generated always as identity,
  organization_id text not null,
  instance_id uuid not null,
  -- The row whose sealed body says where the history is and what opens it.
  inbox_id bigint not null unique,
  -- skipped: nothing of it is kept, because the body of its row is gone or history is switched off by now.
  state text not null default 'pending' check (state in ('pending', 'done', 'failed', 'skipped')),
  sync_type text,
  chunk_order int,
  -- WhatsApp's word on how far the phone is, in per cent.
  progress int,
  -- What it answers, where it was asked for.
  request_id text,
  -- Messages that were not there before, and those that were.
  stored int not null default 0,
  known int not null default 0,
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now(),
  claimed_by text,
  claimed_until timestamptz,
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_history_syncs_instance on public.history_syncs (instance_id, ordinal desc);
create index if not exists idx_history_syncs_pending on public.history_syncs (next_attempt_at) where state = 'pending';
alter table public.history_syncs enable row level security;
revoke all on public.history_syncs from public, anon, authenticated;
grant select, insert, update, delete on public.history_syncs to service_role;
revoke all on sequence public.history_syncs_ordinal_seq from public, anon, authenticated;
grant usage, select on sequence public.history_syncs_ordinal_seq to service_role;

-- Notes what an account's own phone announced, in the transaction that closes its row. Only so many of an instance wait.
create or replace function public.note_history(p_work public.ingest_work[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.history_syncs (organization_id, instance_id, inbox_id)
    select w.organization_id, w.instance_id, w.inbox_id
    from unnest(p_work) w
    join public.whatsapp_instances i on i.id = w.instance_id
    where w.action = 'history' and i.history_policy <> 'ignore'
      and (
        select count(*) from (
          select from public.history_syncs s where s.instance_id = w.instance_id and s.state = 'pending' limit 1000
        ) t
      ) < 1000
    order by w.position
    on conflict (inbox_id) do nothing;
end
$$;

create or replace function public.history_waits() returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from public.history_syncs s
    where s.state = 'pending' and s.next_attempt_at <= now() and coalesce(s.claimed_until <= now(), true)
  );
end
$$;

-- Claims one notification, with the row that it came in: of each instance one at a time, and the organizations take turns.
create or replace function public.claim_history(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_sync public.history_syncs;
  v_row jsonb;
begin
  -- Two that look at the same time would find two of one instance.
  if not pg_try_advisory_xact_lock(hashtextextended('auzap history', 0)) then
    return 'null'::jsonb;
  end if;
  select s.* into v_sync
    from public.history_syncs s
    where s.state = 'pending' and s.next_attempt_at <= now() and coalesce(s.claimed_until <= now(), true)
      and not exists (
        select from public.history_syncs o
        where o.instance_id = s.instance_id and o.state = 'pending' and o.claimed_until > now()
      )
    order by (
        select max(d.updated_at) from public.history_syncs d where d.organization_id = s.organization_id and d.attempts > 0
      ) nulls first, s.attempts, s.ordinal
    limit 1
    for update of s skip locked;
  if not found then
    return 'null'::jsonb;
  end if;
  update public.history_syncs s
    set claimed_by = p ->> 'worker', attempts = s.attempts + 1, updated_at = clock_timestamp(),
      claimed_until = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where s.id = v_sync.id;
  select jsonb_build_object('id', r.id, 'organization_id', r.organization_id, 'instance_id', r.instance_id,
      'attrs', r.attrs, 'encryption', r.encryption, 'hash', r.hash, 'body', public.encode_base64(r.body),
      'received_at', r.received_at, 'attempts', r.attempts, 'account_phone', r.account_phone, 'account_lid', r.account_lid)
    into v_row
    from public.inbox r where r.id = v_sync.inbox_id;
  return jsonb_build_object('id', v_sync.id, 'organization_id', v_sync.organization_id, 'instance_id', v_sync.instance_id,
    'attempts', v_sync.attempts + 1, 'row', v_row,
    'policy', (select i.history_policy from public.whatsapp_instances i where i.id = v_sync.instance_id and i.deleted_at is null));
end
$$;

-- The place of a message among all others: history lies before everything that was received, in the order of its own times.
create or replace function public.history_ordinal(p_sent_at timestamptz, p_id text) returns bigint
  language sql stable
  set search_path = ''
as $$
  select ((extract(epoch from p_sent_at)::bigint & 8589934591) - 8589934592) * 1048576
    + (hashtextextended(p_id, 0) & 1048575)
$$;

-- Stores messages of a claimed notification as history: no contact (unless the instance wants some made of it), no booking, no
-- event. `messages`: clients' with the address of the chat; the owner's become notes, as those that are received live. What
-- is there already, was erased, or is older than what the organization keeps is left out. Answers null where the claim is lost.
create or replace function public.store_history(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_sync public.history_syncs;
  v_policy text;
  -- A record: the table of settings is made after this.
  v_settings record;
  v_rows jsonb;
  v_person record;
  v_stored int;
  v_notes int;
  v_all constant int := jsonb_array_length(p -> 'messages');
begin
  select s.* into v_sync
    from public.history_syncs s
    where s.id = (p ->> 'id')::uuid and s.state = 'pending' and s.claimed_by = p ->> 'worker';
  if not found then
    return 'null'::jsonb;
  end if;
  -- First the organization, as everybody: nobody makes or merges its contacts meanwhile.
  perform 1 from public.organizations o where o.id = v_sync.organization_id for no key update;
  select i.history_policy into v_policy
    from public.whatsapp_instances i where i.id = v_sync.instance_id and i.deleted_at is null;
  update public.history_syncs s
    set claimed_until = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision), updated_at = clock_timestamp()
    where s.id = v_sync.id and s.state = 'pending' and s.claimed_by = p ->> 'worker';
  if not found or v_policy is null or v_policy = 'ignore' then
    return 'null'::jsonb;
  end if;
  v_settings := public.retention_of(v_sync.organization_id);
  if v_policy = 'contacts' then
    for v_person in
      select distinct m.phone, m.other_phone, m.lid
      from jsonb_to_recordset(p -> 'messages') as m (phone text, other_phone text, lid text, from_me boolean, chat text)
      where not m.from_me and not exists (
        select from public.whatsapp_instances i
        where i.organization_id = v_sync.organization_id
          and (i.phone_number in (m.phone, m.other_phone) or i.account_phone in (m.phone, m.other_phone) or i.account_lid = m.lid)
      )
    loop
      perform public.resolve_person(v_sync.organization_id, v_sync.instance_id, v_person.phone, v_person.other_phone,
        v_person.lid, p ->> 'booking_policy', true);
    end loop;
  end if;

  select jsonb_agg(to_jsonb(r)) into v_rows
    from (
      select distinct on (n.from_me, n.chat_key, n.message_id) n.*
      from (
        select m.from_me, m.message_id, m.content, m.content_type, m.type, m.metadata, m.sent_at, m.chat,
          coalesce(k.merged_into, k.id) as contact_id,
          coalesce(k.id::text, m.chat) as chat_key,
          array_remove(array[k.id::text, m.chat, m.phone || '@s.whatsapp.net', m.lid || '@lid'], null) as chat_keys
        from jsonb_to_recordset(p -> 'messages') as m (phone text, other_phone text, lid text, from_me boolean, chat text,
          message_id text, content text, content_type text, type text, metadata jsonb, sent_at timestamptz)
        left join lateral (
          select k.id, k.merged_into
          from public.contacts k
          where k.organization_id = v_sync.organization_id and (k.lid = m.lid or k.phone_number in (m.phone, m.other_phone))
          order by coalesce(k.lid = m.lid, false) desc, coalesce(k.phone_number = m.phone, false) desc, k.id
          limit 1
        ) k on true
        where m.sent_at >= coalesce(public.retention_cutoff(
            case when m.from_me then v_settings.notes_days else v_settings.messages_days end), '-infinity')
          and not exists (
            select from public.erased_messages e
            where e.instance_id = v_sync.instance_id and e.mark in (
              public.message_mark(v_sync.instance_id, m.phone, m.message_id),
              public.message_mark(v_sync.instance_id, m.lid, m.message_id)
            )
          )
      ) n
      order by n.from_me, n.chat_key, n.message_id, n.sent_at
    ) r;

  with made as (
    insert into public.messages (ordinal, organization_id, contact_id, instance_id, direction, content, content_type, type,
        metadata, whatsapp_message_id, chat_jid, chat_key, status, sent_at, created_at)
      overriding system value
      select public.history_ordinal(m.sent_at, m.message_id), v_sync.organization_id, m.contact_id, v_sync.instance_id, 'inbound',
        m.content, m.content_type, m.type, m.metadata, m.message_id, m.chat, m.chat_key, 'received', m.sent_at, m.sent_at
      from jsonb_to_recordset(v_rows) as m (from_me boolean, message_id text, content text, content_type text, type text,
        metadata jsonb, sent_at timestamptz, chat text, contact_id uuid, chat_key text, chat_keys text[])
      where not m.from_me and not exists (
        select from public.messages o
        where o.instance_id = v_sync.instance_id and o.direction = 'inbound' and o.chat_key = any (m.chat_keys)
          and o.whatsapp_message_id = m.message_id
      )
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning id
  )
  select count(*) into v_stored from made;

  with made as (
    insert into public.notes (ordinal, organization_id, contact_id, instance_id, content, content_type, type, metadata,
        whatsapp_message_id, chat_key, sent_at, created_at)
      overriding system value
      select public.history_ordinal(m.sent_at, m.message_id), v_sync.organization_id, m.contact_id, v_sync.instance_id,
        m.content, m.content_type, m.type, m.metadata, m.message_id, m.chat_key, m.sent_at, m.sent_at
      from jsonb_to_recordset(v_rows) as m (from_me boolean, message_id text, content text, content_type text, type text,
        metadata jsonb, sent_at timestamptz, chat text, contact_id uuid, chat_key text, chat_keys text[])
      where m.from_me and not exists (
        select from public.notes o
        where o.instance_id = v_sync.instance_id and o.chat_key = any (m.chat_keys) and o.whatsapp_message_id = m.message_id
      ) and not exists (
        -- What was sent through the API is no note.
        select from public.messages o
        where o.instance_id = v_sync.instance_id and o.direction = 'outbound' and o.whatsapp_message_id = m.message_id
      )
      on conflict (instance_id, chat_key, whatsapp_message_id) do nothing
      returning id
  )
  select count(*) into v_notes from made;

  update public.history_syncs s
    set stored = s.stored + v_stored + v_notes, known = s.known + v_all - v_stored - v_notes
    where s.id = v_sync.id;
  return jsonb_build_object('stored', v_stored + v_notes);
end
$$;

-- Says how a claimed notification ended, or when it is to be tried again (`retry_seconds`). Does nothing where the claim is lost.
create or replace function public.finish_history(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.history_syncs s
    set state = coalesce(p ->> 'state', 'pending'), error = p ->> 'error',
      sync_type = coalesce(p ->> 'sync_type', s.sync_type), chunk_order = coalesce((p ->> 'chunk_order')::int, s.chunk_order),
      progress = coalesce((p ->> 'progress')::int, s.progress), request_id = coalesce(p ->> 'request_id', s.request_id),
      claimed_by = null, claimed_until = null, updated_at = clock_timestamp(),
      next_attempt_at = now() + make_interval(secs => coalesce((p ->> 'retry_seconds')::double precision, 0))
    where s.id = (p ->> 'id')::uuid and s.state = 'pending' and s.claimed_by = p ->> 'worker';
  return jsonb_build_object('finished', found);
end
$$;

-- How far the history of an instance is: counts over all, and the last notifications.
create or replace function public.history_of(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
begin
  return (
    select jsonb_build_object(
      'policy', (select i.history_policy from public.whatsapp_instances i where i.id = v_instance_id),
      'pending', count(*) filter (where s.state = 'pending'), 'failed', count(*) filter (where s.state = 'failed'),
      'done', count(*) filter (where s.state = 'done'), 'messages', coalesce(sum(s.stored), 0),
      'progress', (array_agg(s.progress order by s.ordinal desc) filter (where s.progress is not null))[1],
      'syncs', coalesce((
        select jsonb_agg(to_jsonb(t) order by t.ordinal desc)
        from (
          select l.id, l.ordinal, l.state, l.sync_type, l.chunk_order, l.progress, l.request_id, l.stored, l.known, l.attempts,
            l.error, l.created_at, l.updated_at
          from public.history_syncs l where l.instance_id = v_instance_id
          order by l.ordinal desc
          limit 50
        ) t
      ), '[]'::jsonb))
    from public.history_syncs s
    where s.instance_id = v_instance_id
  );
end
$$;

-- The oldest message of a chat that is known, from which WhatsApp counts backwards. Null where there is none.
create or replace function public.history_anchor(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_contact_id constant uuid := public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid);
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
begin
  return (
    select jsonb_build_object('message_id', a.whatsapp_message_id, 'from_me', a.from_me, 'sent_at', a.sent_at,
      'phone', k.phone_number, 'lid', k.lid)
    from (
      (
        select m.whatsapp_message_id, m.direction = 'outbound' as from_me, m.sent_at, m.chat_key
        from public.messages m
        where m.contact_id = v_contact_id and m.instance_id = v_instance_id and m.whatsapp_message_id is not null
          and m.status <> 'failed'
        order by m.ordinal
        limit 1
      )
      union all
      (
        select n.whatsapp_message_id, true, n.sent_at, n.chat_key
        from public.notes n
        where n.contact_id = v_contact_id and n.instance_id = v_instance_id
        order by n.ordinal
        limit 1
      )
    ) a
    cross join lateral public.addressed_contact(v_contact_id, a.chat_key) k
    order by a.sent_at
    limit 1
  );
end
$$;

revoke execute on function
  public.note_history(public.ingest_work[]), public.history_waits(), public.claim_history(jsonb),
  public.history_ordinal(timestamptz, text), public.store_history(jsonb), public.finish_history(jsonb),
  public.history_of(jsonb), public.history_anchor(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.note_history(public.ingest_work[]), public.history_waits(), public.claim_history(jsonb),
  public.history_ordinal(timestamptz, text), public.store_history(jsonb), public.finish_history(jsonb),
  public.history_of(jsonb), public.history_anchor(jsonb)
  to service_role;
