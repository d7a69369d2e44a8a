-- A person's rights: everything that is kept about a contact can be removed.
-- Nothing here is called often: it scans what the many writes must not pay an index for.

-- Receipts of erasures. While one is under way it is also the note of how far it has come.
create table if not exists public.erasures (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  -- The contact that was; names nobody any more.
  contact_id uuid not null,
  requested_at timestamptz not null default now(),
  erased_at timestamptz,
  -- How many rows of each kind.
  counts jsonb not null default '{}',
  -- Until it is finished: a message that comes meanwhile may join the contact with another one.
  phone_number text,
  lid text,
  inbox_cursor bigint not null default 0,
  event_cursor bigint not null default 0,
  -- Both have come to the end once: what is left is little.
  is_near_end boolean not null default false,
  former_phones text[],
  former_lids text[],
  is_person_gone boolean not null default false,
  -- Ids of contacts that had been joined with it: whoever was told one of them gets the same receipt.
  merged_ids uuid[] not null default '{}',
  unique (organization_id, contact_id),
  check (erased_at is null or (phone_number is null and lid is null)),
  check (erased_at is null or former_phones is null and former_lids is null)
);
create index if not exists idx_erasures_organization on public.erasures (organization_id, requested_at desc, id desc);
create index if not exists idx_erasures_unfinished on public.erasures (requested_at) where erased_at is null;

-- Marks of messages that were erased: one that is delivered again, also in another ciphertext, does not bring the person
-- back. A mark is a hash over address and random id, and tells neither.
create table if not exists public.erased_messages (
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  mark bytea not null,
  erased_at timestamptz not null default now(),
  primary key (instance_id, mark)
);
create index if not exists idx_erased_messages_age on public.erased_messages (erased_at);
alter table public.erasures enable row level security;
alter table public.erased_messages enable row level security;
revoke all on public.erasures, public.erased_messages from public, anon, authenticated;
grant select, insert, update, delete on public.erasures, public.erased_messages to service_role;

-- Names a message without telling which it is.
create or replace function public.message_mark(p_instance_id uuid, p_address text, p_message_id text) returns bytea
  language sql immutable parallel safe
  set search_path = ''
as $$
  select sha256(convert_to(p_instance_id::text || '/' || p_address || '/' || p_message_id, 'UTF8'))
$$;

-- What a row of the inbox says about whose it is; the sender chooses its id and its name, which say nothing.
create or replace function public.inbox_addressing(p_chat text, p_sender text, p_attrs jsonb) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select p_chat || ' ' || p_sender || ' ' || (p_attrs - 'id' - 'notify')::text
$$;

create or replace function public.erased_phones(p_erasure public.erasures) returns text[]
  language sql immutable parallel safe
  set search_path = ''
as $$
  select array_remove(p_erasure.former_phones || p_erasure.phone_number, null)
$$;

create or replace function public.erased_lids(p_erasure public.erasures) returns text[]
  language sql immutable parallel safe
  set search_path = ''
as $$
  select array_remove(p_erasure.former_lids || p_erasure.lid, null)
$$;

create or replace function public.erased_pattern(p_erasure public.erasures) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select public.person_pattern(public.erased_phones(p_erasure), public.erased_lids(p_erasure))
$$;

-- LIDs of others who had one of the numbers before.
create or replace function public.erased_strangers(p_erasure public.erasures) returns text[]
  language sql stable
  set search_path = ''
as $$
  select array(
    select unnest(public.former_owners(p_erasure.organization_id, public.erased_phones(p_erasure), p_erasure.contact_id))
    except select unnest(public.erased_lids(p_erasure))
  )
$$;

create or replace function public.add_count(p_counts jsonb, p_kind text, p_rows bigint) returns jsonb
  language sql immutable parallel safe
  set search_path = ''
as $$
  select p_counts || jsonb_build_object(p_kind, coalesce((p_counts ->> p_kind)::bigint, 0) + coalesce(p_rows, 0))
$$;

-- Takes everything out of rows of the inbox but what keeps a redelivery from being taken for a new message. A row that is empty
-- already is not counted again.
create or replace function public.empty_inbox_rows(p_ids bigint[]) returns bigint
  language plpgsql
  set search_path = ''
as $$
declare
  v_emptied bigint;
begin
  with held as materialized (
    -- In the order of ids, as everybody who locks several rows.
    select i.id
    from public.inbox i
    where i.id = any (p_ids) and (i.attrs <> '{}' or i.chat <> '' or i.body is not null)
    order by i.id
    for update
  )
  update public.inbox i
    set body = null, message_id = '', chat = '', sender = '', attrs = '{}',
      state = 1,
      outcome = case when i.state = 1 then i.outcome else 'skipped' end,
      reason = case when i.state = 1 then i.reason else 'erased' end,
      error = null, claimed_by = null, claimed_until = null,
      processed_at = coalesce(i.processed_at, now())
    from held h
    where i.id = h.id;
  get diagnostics v_emptied = row_count;
  return v_emptied;
end
$$;

-- Goes on through the organization's rows of the inbox from where the erasure was: looks at `p_window` rows and empties
-- `p_limit` of them, at most.
create or replace function public.erase_from_inbox(p_erasure public.erasures, p_window int, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
-- `erasure` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_pattern constant text := public.erased_pattern(p_erasure);
  v_strangers constant text := public.person_pattern('{}', public.erased_strangers(p_erasure));
  -- Rows get their ids before they are committed, not always in this order.
  v_margin constant int := case when p_erasure.is_near_end then 10000 else 0 end;
  v_after constant bigint := p_erasure.inbox_cursor - v_margin;
  v_ids bigint[];
  v_peers bigint[];
  v_seen int;
  v_last bigint;
begin
  select max(w.id), count(*) into v_last, v_seen
    from (
      select i.id from public.inbox i
      where i.organization_id = p_erasure.organization_id and i.id > v_after
      order by i.id
      limit p_window + v_margin
    ) w;
  v_ids := array(
    select i.id from public.inbox i
    where i.id > v_after and i.id <= v_last and i.organization_id = p_erasure.organization_id
      and public.inbox_addressing(i.chat, i.sender, i.attrs) ~ v_pattern
      and (v_strangers is null or public.inbox_addressing(i.chat, i.sender, i.attrs) !~ v_strangers)
    order by i.id
    limit p_limit
  );
  is_at_end := v_seen < p_window + v_margin and cardinality(v_ids) < p_limit;
  v_last := coalesce(v_ids[p_limit], v_last);
  erasure := p_erasure;
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_ids));
  -- What the account's own phone sent after: it may hold anybody's message, and was read.
  v_peers := array(
    select i.id from public.inbox i
    where i.id > v_after and i.id <= v_last and i.organization_id = p_erasure.organization_id
      and i.attrs ->> 'category' = 'peer' and i.state = 1 and i.body is not null
    order by i.id
    for update
  );
  update public.inbox i set body = null where i.id = any (v_peers);
  -- So is what was handed over of the time before; whoever fetches it at the moment stores no more of it.
  update public.history_syncs s
    set state = 'skipped', error = 'erased', claimed_by = null, claimed_until = null, updated_at = clock_timestamp()
    where s.inbox_id > v_after and s.inbox_id <= v_last and s.organization_id = p_erasure.organization_id
      and s.state = 'pending';
  erasure.inbox_cursor := greatest(erasure.inbox_cursor, v_last);
end
$$;

-- As `erase_from_inbox`. Events are committed in their sequence, which only who holds the organization can prolong.
create or replace function public.erase_from_events(p_erasure public.erasures, p_contact_id uuid, p_window int, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
-- `erasure` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_from constant text[] := public.erased_phones(p_erasure)
    || array(select l.lid || '@lid' from unnest(public.erased_lids(p_erasure)) as l (lid));
  v_ids constant text[] := array_append(public.ids_of_contact(p_contact_id)::text[], p_erasure.contact_id::text);
  v_has_strangers constant boolean := public.erased_strangers(p_erasure) <> '{}';
  v_sequences bigint[];
  v_seen int;
  v_last bigint;
begin
  select max(w.sequence), count(*) into v_last, v_seen
    from (
      select e.sequence from public.events e
      where e.organization_id = p_erasure.organization_id and e.sequence > p_erasure.event_cursor
      order by e.sequence
      limit p_window
    ) w;
  v_sequences := array(
    select e.sequence from public.events e
    where e.organization_id = p_erasure.organization_id
      and e.sequence > p_erasure.event_cursor and e.sequence <= v_last
      and (e.payload ->> 'contactId' = any (v_ids) or e.payload -> 'members' ?| v_from
        or coalesce(e.payload ->> 'from', e.payload ->> 'to') = any (v_from)
        and (not v_has_strangers or e.payload ->> 'contactId' is null or not exists (
          select from public.contacts k
          where k.id = (e.payload ->> 'contactId')::uuid and k.organization_id = p_erasure.organization_id
        )))
    order by e.sequence
    limit p_limit
  );
  update public.events e set payload = '{"erased": true}'
    where e.organization_id = p_erasure.organization_id and e.sequence = any (v_sequences);
  is_at_end := v_seen < p_window and cardinality(v_sequences) < p_limit;
  erasure := p_erasure;
  erasure.counts := public.add_count(erasure.counts, 'events', cardinality(v_sequences));
  erasure.event_cursor := greatest(erasure.event_cursor, coalesce(v_sequences[p_limit], v_last));
end
$$;

-- Remembers messages by their marks, so that they are known when they are delivered again.
create or replace function public.mark_erased(p_instances uuid[], p_message_ids text[], p_erasure public.erasures)
  returns void
  language sql
  set search_path = ''
as $$
  insert into public.erased_messages (instance_id, mark)
    select m.instance_id, public.message_mark(m.instance_id, a.address, m.message_id)
    from unnest(p_instances, p_message_ids) as m (instance_id, message_id)
    cross join unnest(public.erased_phones(p_erasure) || public.erased_lids(p_erasure)) as a (address)
    where m.message_id is not null
    on conflict do nothing
$$;

-- Takes the quotes of messages that are erased out of what is in other chats: of its row, of the event that told it, and of the row of
-- the inbox. What a chat has under the same id itself is what is quoted there: senders choose the ids. The caller holds the organization.
create or replace function public.forget_quotes(p_instances uuid[], p_message_ids text[], p_erasure public.erasures,
    p_contact_id uuid) returns void
  language plpgsql
  set search_path = ''
  set enable_hashjoin = off
  set enable_mergejoin = off
as $$
declare
  v_one record;
begin
  for v_one in
    with gone as materialized (
      select distinct g.instance_id, g.message_id
      from unnest(p_instances, p_message_ids) as g (instance_id, message_id)
    )
    select m.id, false as is_note, m.instance_id, m.whatsapp_message_id, m.inbox_id, m.created_at
    from gone g
    join public.messages m on m.instance_id = g.instance_id and m.reply_to is not null
      and m.reply_to ->> 'whatsapp_message_id' = g.message_id
    where m.contact_id is distinct from p_contact_id and not exists (
      select from public.messages o
      where o.instance_id = m.instance_id and o.chat_key = m.chat_key and o.whatsapp_message_id = g.message_id
        and o.direction in ('inbound', 'outbound')
    )
    union all
    select n.id, true, n.instance_id, n.whatsapp_message_id, n.inbox_id, n.created_at
    from gone g
    join public.notes n on n.instance_id = g.instance_id and n.reply_to is not null
      and n.reply_to ->> 'whatsapp_message_id' = g.message_id
    where n.contact_id is distinct from p_contact_id and not exists (
      select from public.messages o
      where o.instance_id = n.instance_id and o.chat_key = n.chat_key and o.whatsapp_message_id = g.message_id
        and o.direction in ('inbound', 'outbound')
    )
    order by 1
  loop
    if v_one.is_note then
      update public.notes n set reply_to = null where n.id = v_one.id;
    else
      update public.messages m set reply_to = null where m.id = v_one.id;
      perform public.forget_quote_in_events(p_erasure.organization_id, v_one.whatsapp_message_id, v_one.instance_id,
        v_one.created_at);
    end if;
    update public.inbox i set body = null where i.id = v_one.inbox_id and i.state = 1;
  end loop;
end
$$;

-- Takes what a message quotes out of the event that told it.
create or replace function public.forget_quote_in_events(p_organization_id text, p_message_id text, p_instance_id uuid,
    p_stored_at timestamptz) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_around constant record := public.events_around(p_organization_id, p_stored_at);
begin
  update public.events e set payload = e.payload - 'replyTo'
    where e.organization_id = p_organization_id and e.sequence > v_around.low and e.sequence <= v_around.high
      and e.instance_id = p_instance_id and e.payload ->> 'messageId' = p_message_id and e.payload ? 'replyTo';
end
$$;

-- Deletes messages, notes and bookings of a contact, at most so many of each, and empties the rows of the inbox that the messages
-- and notes came from, whatever address they name. The caller holds the organization.
create or replace function public.erase_conversation(p_erasure public.erasures, p_contact_id uuid, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
-- `erasure` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_pattern constant text := public.erased_pattern(p_erasure);
  v_instances uuid[];
  v_ids text[];
  v_origins bigint[];
  v_rows int;
begin
  erasure := p_erasure;
  with theirs as (
    (select m.id from public.messages m where m.contact_id = p_contact_id limit p_limit)
    union all
    (
      select m.id from public.messages m
      where m.contact_id is null and m.group_id is null and m.organization_id = p_erasure.organization_id
        and m.chat_jid ~ v_pattern
      limit p_limit
    )
    union all
    (
      select m.id from public.messages m
      where m.organization_id = p_erasure.organization_id and m.sender_lid = any (public.erased_lids(p_erasure))
      limit p_limit
    )
    union all
    (
      select m.id from public.messages m
      where m.organization_id = p_erasure.organization_id and m.sender_phone = any (public.erased_phones(p_erasure))
        and (m.sender_lid is null or m.sender_lid <> all (public.erased_strangers(p_erasure)))
      limit p_limit
    )
  ), held as materialized (
    -- In the order of ids, as receipts lock them.
    select m.id from public.messages m where m.id in (select t.id from theirs t) order by m.id for update
  ), gone as (
    delete from public.messages m using held h where m.id = h.id
      returning m.instance_id, m.whatsapp_message_id, m.inbox_id
  )
  select array_agg(g.instance_id), array_agg(g.whatsapp_message_id), array_agg(g.inbox_id), count(*)
    into v_instances, v_ids, v_origins, v_rows
    from gone g;
  perform public.mark_erased(v_instances, v_ids, p_erasure);
  perform public.forget_quotes(v_instances, v_ids, p_erasure, p_contact_id);
  erasure.counts := public.add_count(erasure.counts, 'messages', v_rows);
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_origins));
  is_at_end := v_rows < p_limit;

  with theirs as (
    (select n.id from public.notes n where n.contact_id = p_contact_id limit p_limit)
    union all
    (
      select n.id from public.notes n
      where n.contact_id is null and n.organization_id = p_erasure.organization_id and n.chat_key ~ v_pattern
      limit p_limit
    )
  ), gone as (
    delete from public.notes n using theirs t where n.id = t.id
      returning n.instance_id, n.whatsapp_message_id, n.inbox_id
  )
  select array_agg(g.instance_id), array_agg(g.whatsapp_message_id), array_agg(g.inbox_id), count(*)
    into v_instances, v_ids, v_origins, v_rows
    from gone g;
  perform public.mark_erased(v_instances, v_ids, p_erasure);
  perform public.forget_quotes(v_instances, v_ids, p_erasure, p_contact_id);
  erasure.counts := public.add_count(erasure.counts, 'notes', v_rows);
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_origins));
  is_at_end := is_at_end and v_rows < p_limit;

  delete from public.bookings b
    where b.id in (select t.id from public.bookings t where t.contact_id = p_contact_id limit p_limit);
  get diagnostics v_rows = row_count;
  erasure.counts := public.add_count(erasure.counts, 'bookings', v_rows);
  is_at_end := is_at_end and v_rows < p_limit;
end
$$;

-- Takes a person out of groups: membership, what was changed by or of the person, and what the person did to messages of others.
create or replace function public.erase_from_groups(p_erasure public.erasures) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
  v_strangers constant text[] := public.erased_strangers(p_erasure);
  v_names constant text[] := v_phones || array(select l.lid || '@lid' from unnest(v_lids) as l (lid));
  v_rows int;
begin
  delete from public.group_members m
    where m.organization_id = p_erasure.organization_id and (m.lid = any (v_lids)
        or m.phone = any (v_phones) and (m.lid is null or m.lid <> all (v_strangers)));
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'group_members', v_rows);
  update public.groups g set owner_phone = null, owner_lid = null
    where g.organization_id = p_erasure.organization_id and (g.owner_lid = any (v_lids)
        or g.owner_phone = any (v_phones) and (g.owner_lid is null or g.owner_lid <> all (v_strangers)));
  delete from public.group_changes c
    where c.organization_id = p_erasure.organization_id and (c.lid = any (v_lids)
        or c.phone = any (v_phones) and (c.lid is null or c.lid <> all (v_strangers))
        or exists (
          select from jsonb_array_elements(c.people) e (person)
          where e.person ->> 'lid' = any (v_lids) or e.person ->> 'phone' = any (v_phones)
        ));
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'group_changes', v_rows);
  delete from public.message_reactions r where r.organization_id = p_erasure.organization_id and r.reactor = any (v_names);
  delete from public.message_answers a where a.organization_id = p_erasure.organization_id and a.answerer = any (v_names);
  return v_erasure;
end
$$;

-- Deletes the person: the ledger, changes that wait, the keys, the contact itself. The erasure goes on after it. The caller holds the organization.
create or replace function public.erase_person(p_erasure public.erasures, p_contact_id uuid) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
  v_strangers constant text[] := public.erased_strangers(p_erasure);
  v_instances constant uuid[] := array(
    select i.id from public.whatsapp_instances i where i.organization_id = p_erasure.organization_id order by i.id
  );
  v_of uuid[];
  v_ids text[];
  v_rows int;
begin
  select array_agg(u.instance_id), array_agg(u.message_id) into v_of, v_ids
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.lid = any (v_lids)
        or u.phone = any (v_phones) and (u.lid is null or u.lid <> all (v_strangers)));
  perform public.mark_erased(v_of, v_ids, p_erasure);
  with held as materialized (
    select u.id
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.lid = any (v_lids)
        or u.phone = any (v_phones) and (u.lid is null or u.lid <> all (v_strangers)))
    order by u.id
    for update
  )
  update public.undecrypted_messages u
    set phone = null, lid = null, chat = '', message_id = '',
      state = case when u.state = 'waiting' then 'given_up' else u.state end,
      settled_at = coalesce(u.settled_at, now())
    from held h
    where u.id = h.id;
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'undecrypted', v_rows);

  -- What was done to messages that did not come: those are known when they come after all.
  with gone as (
    delete from public.pending_changes c
      where c.instance_id = any (v_instances) and (c.lid = any (v_lids)
        or c.phone = any (v_phones) and (c.lid is null or c.lid <> all (v_strangers)))
      returning c.instance_id, c.message_id
  )
  select array_agg(g.instance_id), array_agg(g.message_id), count(*) into v_of, v_ids, v_rows from gone g;
  perform public.mark_erased(v_of, v_ids, p_erasure);
  v_erasure.counts := public.add_count(v_erasure.counts, 'pending_changes', v_rows);

  v_erasure := public.erase_from_groups(v_erasure);

  -- What nodes asked each other and nobody waits for any more: texts, sealed and without a name.
  delete from public.node_requests where expires_at <= now();

  -- Last and in order: commits of sessions wait for these locks. A session that runs keeps what it has in memory; where a
  -- key is missing later, WhatsApp's clients agree on new ones by themselves.
  perform 1 from public.whatsapp_instances i where i.id = any (v_instances) order by i.id for no key update;
  delete from public.whatsapp_session_keys k
    where k.instance_id = any (v_instances)
      and k.key_type in ('session', 'identity-key', 'device-list', 'lid-mapping', 'tctoken', 'sender-key', 'sender-key-memory')
      and k.key_id ~ ('(^|[^0-9])(' || nullif(array_to_string(v_phones || v_lids, '|'), '') || ')([^0-9]|$)');
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'session_keys', v_rows);

  v_erasure.merged_ids := v_erasure.merged_ids
    || array_remove(array_remove(public.ids_of_contact(p_contact_id), v_erasure.contact_id), null);
  delete from public.contacts k where k.id = p_contact_id or k.merged_into = p_contact_id;
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'contacts', v_rows);
  return v_erasure;
end
$$;

-- Takes over what is known of the person by now, who may have been joined with another contact: where that is more than
-- before, what was gone through counts again.
create or replace function public.learn_addresses(p_erasure public.erasures, p_contact public.contacts) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
begin
  -- A number that became somebody else's meanwhile names the person no more.
  v_erasure.phone_number := p_contact.phone_number;
  v_erasure.lid := coalesce(p_contact.lid, p_erasure.lid);
  v_erasure.former_phones := array(
    select p.phone from unnest(v_phones || public.former_addresses_of(p_contact, 'phone')) as p (phone)
    where not exists (
      select from public.contacts k
      where k.organization_id = p_contact.organization_id and k.id <> p_contact.id
        and k.merged_into is distinct from p_contact.id and k.phone_number = p.phone
    )
    except select v_erasure.phone_number
  );
  v_erasure.former_lids := array(
    select unnest(v_lids || public.former_addresses_of(p_contact, 'lid')) except select v_erasure.lid
  );
  if not (public.erased_phones(v_erasure) <@ v_phones and public.erased_lids(v_erasure) <@ v_lids) then
    v_erasure.inbox_cursor := 0;
    v_erasure.event_cursor := 0;
  end if;
  return v_erasure;
end
$$;

create or replace function public.conclude_erasure(p_erasure public.erasures) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
begin
  v_erasure.phone_number := null;
  v_erasure.lid := null;
  v_erasure.former_phones := null;
  v_erasure.former_lids := null;
  v_erasure.erased_at := now();
  return v_erasure;
end
$$;

create or replace function public.erasure_receipt(e public.erasures) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', e.id, 'organization_id', e.organization_id, 'contact_id', e.contact_id,
  'requested_at', e.requested_at, 'erased_at', e.erased_at, 'counts', e.counts)
$$;

-- Erases a contact with everything about it, in steps of bounded size: to be called until `receipt` comes (`begin_only`: no step
-- is done, but it is noted and will be gone on with). First inbox and
-- events are gone through without holding anybody up, for about a second in each call. Then each step holds the organization,
-- as whoever processes its messages does, so that nothing which is processed meanwhile can leave remains; the last one alone
-- looks at everything again.
-- The person is deleted twice, in two transactions: a commit of a running session that waited for the locks of the first one puts
-- the person's Signal keys back, and is over when the second one has the locks. Whatever is received afterwards is a new
-- contact's.
create or replace function public.erase_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 5000);
  v_window constant int := 5000;
  v_erasure public.erasures;
  v_contact_id uuid;
  v_contact public.contacts;
  v_step record;
  v_is_at_end boolean := true;
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
begin
  insert into public.erasures (organization_id, contact_id, phone_number, lid)
    select k.organization_id, k.id, k.phone_number, k.lid
    from public.contacts k
    where k.organization_id = v_organization_id and k.id = (p ->> 'contact_id')::uuid
    on conflict (organization_id, contact_id) do nothing;
  select * into v_erasure from public.erasures e
    where e.organization_id = v_organization_id
      and (e.contact_id = (p ->> 'contact_id')::uuid or (p ->> 'contact_id')::uuid = any (e.merged_ids))
    order by e.contact_id = (p ->> 'contact_id')::uuid desc
    limit 1
    for update;
  if not found then
    raise exception 'contact not found' using errcode = 'AZ404';
  end if;
  if v_erasure.erased_at is not null then
    return jsonb_build_object('receipt', public.erasure_receipt(v_erasure));
  end if;
  if (p ->> 'begin_only')::boolean then
    return '{"receipt": null}'::jsonb;
  end if;
  if v_erasure.is_near_end then
    -- Before rows of the inbox: the order of everybody who locks both.
    perform 1 from public.organizations where id = v_organization_id for no key update;
  end if;

  -- It may have been joined with another one since.
  v_contact_id := public.current_contact(v_organization_id, v_erasure.contact_id);
  select * into v_contact from public.contacts k
    where k.organization_id = v_organization_id
      and (k.id = v_contact_id or k.lid = v_erasure.lid
        or k.phone_number = v_erasure.phone_number and (k.lid is null or v_erasure.lid is null))
    order by k.id = v_contact_id desc, k.phone_number = v_erasure.phone_number desc nulls last
    limit 1;
  if found then
    if v_contact.merged_into is not null then
      -- Merged into another one by a person: they are one.
      select * into v_contact from public.contacts k where k.id = v_contact.merged_into;
    end if;
    v_erasure := public.learn_addresses(v_erasure, v_contact);
  end if;

  if v_erasure.is_near_end then
    v_step := public.erase_conversation(v_erasure, v_contact.id, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
  end if;
  while v_is_at_end loop
    v_step := public.erase_from_inbox(v_erasure, v_window, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
    exit when v_is_at_end or v_erasure.is_near_end or clock_timestamp() > v_until;
    v_is_at_end := true;
  end loop;
  while v_is_at_end loop
    v_step := public.erase_from_events(v_erasure, v_contact.id, v_window, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
    exit when v_is_at_end or v_erasure.is_near_end or clock_timestamp() > v_until;
    v_is_at_end := true;
  end loop;
  if v_is_at_end and v_erasure.is_near_end then
    v_erasure := public.erase_person(v_erasure, v_contact.id);
    if v_erasure.is_person_gone then
      v_erasure := public.conclude_erasure(v_erasure);
    end if;
    v_erasure.is_person_gone := true;
  end if;
  v_erasure.is_near_end := v_erasure.is_near_end or v_is_at_end;

  update public.erasures e
    set counts = v_erasure.counts, inbox_cursor = v_erasure.inbox_cursor, event_cursor = v_erasure.event_cursor,
      is_near_end = v_erasure.is_near_end, is_person_gone = v_erasure.is_person_gone,
      phone_number = v_erasure.phone_number, lid = v_erasure.lid,
      former_phones = v_erasure.former_phones, former_lids = v_erasure.former_lids, erased_at = v_erasure.erased_at,
      merged_ids = v_erasure.merged_ids
    where e.id = v_erasure.id;
  return jsonb_build_object('receipt',
    case when v_erasure.erased_at is not null then public.erasure_receipt(v_erasure) end);
end
$$;

-- Erasures that somebody began and nobody works at any more.
create or replace function public.unfinished_erasures(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('organization_id', u.organization_id, 'contact_id', u.contact_id)), '[]')
  from (
    select e.organization_id, e.contact_id
    from public.erasures e
    where e.erased_at is null and e.requested_at < now() - make_interval(secs => (p ->> 'idle_seconds')::float)
    order by e.requested_at
    limit 100
  ) u
$$;

revoke execute on function
  public.message_mark(uuid, text, text), public.inbox_addressing(text, text, jsonb),
  public.erased_phones(public.erasures), public.erased_lids(public.erasures), public.erased_pattern(public.erasures),
  public.erased_strangers(public.erasures),
  public.add_count(jsonb, text, bigint), public.empty_inbox_rows(bigint[]),
  public.erase_from_inbox(public.erasures, int, int), public.erase_from_events(public.erasures, uuid, int, int),
  public.mark_erased(uuid[], text[], public.erasures),
  public.forget_quotes(uuid[], text[], public.erasures, uuid),
  public.forget_quote_in_events(text, text, uuid, timestamptz), public.erase_conversation(public.erasures, uuid, int),
  public.erase_from_groups(public.erasures), public.erase_person(public.erasures, uuid), public.learn_addresses(public.erasures, public.contacts),
  public.conclude_erasure(public.erasures), public.erasure_receipt(public.erasures), public.erase_contact(jsonb),
  public.unfinished_erasures(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.message_mark(uuid, text, text), public.inbox_addressing(text, text, jsonb),
  public.erased_phones(public.erasures), public.erased_lids(public.erasures), public.erased_pattern(public.erasures),
  public.erased_strangers(public.erasures),
  public.add_count(jsonb, text, bigint), public.empty_inbox_rows(bigint[]),
  public.erase_from_inbox(public.erasures, int, int), public.erase_from_events(public.erasures, uuid, int, int),
  public.mark_erased(uuid[], text[], public.erasures),
  public.forget_quotes(uuid[], text[], public.erasures, uuid),
  public.forget_quote_in_events(text, text, uuid, timestamptz), public.erase_conversation(public.erasures, uuid, int),
  public.erase_from_groups(public.erasures), public.erase_person(public.erasures, uuid), public.learn_addresses(public.erasures, public.contacts),
  public.conclude_erasure(public.erasures), public.erasure_receipt(public.erasures), public.erase_contact(jsonb),
  public.unfinished_erasures(jsonb)
  to service_role;
