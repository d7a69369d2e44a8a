-- Conversations: contacts by their last message, and up to where somebody has read what they wrote.

-- The last message of each contact, as far as messages were taken up (take_up_messages): receiving and sending write nothing here. No foreign
-- key: whoever takes messages up waits for nobody.
create table if not exists public.conversations (
  contact_id uuid primary key,
  organization_id text not null,
  ordinal bigint not null
);
create index if not exists idx_conversations_organization on public.conversations (organization_id, ordinal desc);

-- Contacts whose last message may be another one than `conversations` says: messages were deleted or moved, or came with the history.
create table if not exists public.changed_conversations (
  contact_id uuid primary key,
  organization_id text not null
);
create index if not exists idx_changed_conversations_organization on public.changed_conversations (organization_id);
alter table public.conversations enable row level security;
alter table public.changed_conversations enable row level security;
revoke all on public.conversations, public.changed_conversations from public, anon, authenticated;
grant select, insert, update, delete on public.conversations, public.changed_conversations to service_role;

-- The conflict locks the row: nobody takes it away before what it tells of is committed.
create or replace function public.note_changed_conversation() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.changed_conversations (contact_id, organization_id)
    select k.id, new.organization_id
    from (select old.contact_id union select new.contact_id) k (id)
    where k.id is not null
    order by k.id
    on conflict (contact_id) do update set organization_id = excluded.organization_id;
  return null;
end
$$;

create or replace function public.note_shorter_conversations() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.changed_conversations (contact_id, organization_id)
    select distinct g.contact_id, g.organization_id
    from gone g
    where g.contact_id is not null
    order by g.contact_id
    on conflict (contact_id) do update set organization_id = excluded.organization_id;
  return null;
end
$$;

create or replace trigger note_history_in_conversation after insert on public.messages
  for each row when (new.ordinal < 0) execute function public.note_changed_conversation();
create or replace trigger note_moved_message after update of contact_id, ordinal on public.messages
  for each row
  when (new.contact_id is distinct from old.contact_id or new.ordinal is distinct from old.ordinal)
  execute function public.note_changed_conversation();
create or replace trigger note_deleted_messages after delete on public.messages
  referencing old table as gone
  for each statement execute function public.note_shorter_conversations();

-- Takes up the last messages of those that were stored after one ordinal and up to another one, and what has changed. Whether there is more
-- of that. Called by one transaction at a time.
create or replace function public.take_up_conversations(p_after bigint, p_until bigint) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_limit constant int := 500;
  v_changed uuid[];
begin
  with held as materialized (
    select c.contact_id from public.changed_conversations c order by c.contact_id limit v_limit for update skip locked
  ), taken as (
    delete from public.changed_conversations c using held h where c.contact_id = h.contact_id returning c.contact_id
  )
  select coalesce(array_agg(t.contact_id), '{}') into v_changed from taken t;
  insert into public.conversations as v (contact_id, organization_id, ordinal)
    select m.contact_id, m.organization_id, max(m.ordinal)
    from public.messages m
    where m.ordinal + 0 > p_after and m.ordinal + 0 <= p_until and m.contact_id is not null and m.change_of is null
    group by m.contact_id, m.organization_id
    on conflict (contact_id) do update set ordinal = excluded.ordinal where v.ordinal < excluded.ordinal;
  -- What was committed until here is seen from here on.
  delete from public.conversations v
    where v.contact_id = any (v_changed) and public.last_message_of(v.contact_id) is null;
  insert into public.conversations as v (contact_id, organization_id, ordinal)
    select m.contact_id, m.organization_id, m.ordinal
    from unnest(v_changed) k (id)
    cross join lateral public.last_message_of(k.id) l (ordinal)
    join public.messages m on m.contact_id = k.id and m.ordinal = l.ordinal and m.change_of is null
    on conflict (contact_id) do update set ordinal = excluded.ordinal where v.ordinal <> excluded.ordinal;
  return cardinality(v_changed) = v_limit;
end
$$;

-- The ordinal of the last message of a contact; null where there is none.
create or replace function public.last_message_of(p_contact_id uuid) returns bigint
  language sql stable
  set search_path = ''
as $$
  select m.ordinal from public.messages m
  where m.contact_id = p_contact_id and m.change_of is null
  order by m.ordinal desc
  limit 1
$$;

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
      select m.contact_id, m.ordinal, m.instance_id, k.organization_id
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

-- Goes through conversations as list_conversations, `p_scan` at most, beyond the ordinal `p_place`: `count`, the ordinal of the `last` one, and
-- contacts and ordinals of those that `search` and `parts` find, where they are given; of the contacts `p_ids` alone, where these are. What
-- was taken up stands in `conversations`; what was not, and what has changed, is looked up.
create or replace function public.scan_conversations(
  p jsonb, p_place bigint, p_scan int, p_ids uuid[],
  out count int, out last bigint, out contact_ids uuid[], out ordinals bigint[]
)
  language plpgsql stable
  set search_path = ''
as $$
begin
  execute format(
    'select count(*), (array_agg(l.ordinal))[count(*)], coalesce(array_agg(l.contact_id) filter (where l.is_hit), ''{}''),
        coalesce(array_agg(l.ordinal) filter (where l.is_hit), ''{}'')
      from (
        select l.contact_id, l.ordinal, c.id is not null and %3$s as is_hit
        from (
          select u.contact_id, u.ordinal
          from (
              (select m.contact_id, m.ordinal from public.messages m
                where m.organization_id = $1 and m.ordinal %1$s $2 and m.ordinal > $5 and m.contact_id is not null and m.change_of is null
                  %2$s
                  and not exists (
                    select from public.messages n where n.contact_id = m.contact_id and n.ordinal > m.ordinal and n.change_of is null)
                order by m.ordinal %4$s
                limit $3)
            union all
              (select m.contact_id, m.ordinal from %5$s
                where m.organization_id = $1 and m.ordinal %1$s $2 and m.ordinal <= $5
                  and not exists (
                    select from public.messages n where n.contact_id = m.contact_id and n.ordinal > m.ordinal and n.change_of is null)
                  and not exists (select from public.changed_conversations d where d.contact_id = m.contact_id)
                order by m.ordinal %4$s
                limit $3)
            union all
              (select m.contact_id, e.ordinal
                from public.changed_conversations m cross join lateral public.last_message_of(m.contact_id) e (ordinal)
                where m.organization_id = $1 and e.ordinal %1$s $2 and e.ordinal <= $5 %2$s
                order by e.ordinal %4$s
                limit $3)
          ) u
          order by u.ordinal %4$s
          limit $3
        ) l
        left join lateral (
          select * from public.contacts c where c.id = l.contact_id and c.organization_id = $1 offset 0
        ) c on true
        order by l.ordinal %4$s
      ) l',
    case when p ? 'after' then '>' else '<' end,
    case when p_ids is not null then 'and m.contact_id = any ($4)' end,
    case when p_ids is null and p ->> 'search' is not null then public.person_conditions(p) else 'true' end,
    case when p ? 'after' then 'asc' else 'desc' end,
    -- One after the other: for as many the planner would read the table.
    case when p_ids is not null
      then 'unnest($4) k (id) cross join lateral (select * from public.conversations v where v.contact_id = k.id offset 0) m'
      else 'public.conversations m' end)
    into count, last, contact_ids, ordinals
    using p ->> 'organization_id', p_place, p_scan, p_ids,
      coalesce((select s.taken_until from public.search_progress s where s.subject = 'messages'), -9223372036854775808);
end
$$;

-- Contacts of an organization by their last message, the newest first, before the one with the ordinal `before`, or the other way round
-- after the one with the ordinal `after`; those that `search` and `parts` find, where they are given. As read_page.
create or replace function public.list_conversations(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
  -- Most of a list's table is other organizations' rows, or later pages.
  set enable_seqscan = off
as $$
declare
  v_page refcursor;
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  v_is_search constant boolean := p ->> 'search' is not null;
  v_place bigint := coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint;
  v_ids uuid[] := case when v_is_search then public.contacts_by_keys(p, 30) end;
  v_scan int := case when v_is_search and v_ids is null then 300 else v_limit end;
  v_scanned int := 0;
  v_part record;
  v_contact_ids uuid[] := '{}'::uuid[];
  v_ordinals bigint[] := '{}'::bigint[];
begin
  loop
    select * into v_part from public.scan_conversations(p, v_place, v_scan, v_ids);
    v_contact_ids := v_contact_ids || v_part.contact_ids;
    v_ordinals := v_ordinals || v_part.ordinals;
    exit when v_part.count < v_scan or cardinality(v_ordinals) >= v_limit;
    -- What many are called is found among the first ones; otherwise by the index, unless it finds too many.
    if v_scanned = 0 then
      v_ids := public.contacts_by_keys(p, 1000);
    end if;
    v_scanned := v_scanned + v_part.count;
    v_scan := case when v_ids is null then 2000 else v_limit end;
    v_place := v_part.last;
  end loop;
  open v_page for
    select jsonb_build_object(
        'ordinal', l.ordinal,
        'contact', jsonb_build_object('id', c.id, 'organization_id', c.organization_id, 'phone_number', c.phone_number,
          'lid', c.lid, 'name', c.name, 'name_source', c.name_source, 'created_at', c.created_at,
          'updated_at', c.updated_at, 'last_message_at', c.last_message_at),
        'last_message', to_jsonb(m) - array['secret', 'payload', 'request', 'request_hash', 'idempotency_key'],
        'unread_count', (
          select count(*) from (
            select from public.messages u
            where u.contact_id = c.id and u.ordinal > c.read_until and u.direction = 'inbound'
            limit 1000
          ) u
        ),
        'open_booking', (
          select to_jsonb(b) from public.bookings b
          where b.contact_id = c.id and b.status = 'pending'
          order by b.created_at, b.id
          limit 1
        ))
    from unnest(v_contact_ids, v_ordinals) with ordinality as l (contact_id, ordinal, place)
    join public.contacts c on c.id = l.contact_id
    join public.messages m on m.ordinal = l.ordinal and m.contact_id = l.contact_id and m.change_of is null
    where l.place <= v_limit
    order by l.place;
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
-- not there. With `versions` only while its name is one that the caller has seen (contacts/contact-version.ts).
create or replace function public.rename_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_id uuid;
  v_instance_id uuid;
  v_name constant text := p ->> 'name';
  v_version text;
begin
  -- Before that it may become part of another one.
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  v_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  select left(encode(sha256(convert_to(k.name_source || ':' || k.name, 'UTF8')), 'hex'), 16) into v_version
    from public.contacts k where k.id = v_id and k.organization_id = v_organization_id;
  if not found then
    return null;
  end if;
  if p ? 'versions' and not p -> 'versions' ? v_version then
    raise exception using errcode = 'AZ410', message = 'changed_meanwhile';
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
  public.note_changed_conversation(), public.note_shorter_conversations(), public.take_up_conversations(bigint, bigint),
  public.last_message_of(uuid), public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb),
  public.scan_conversations(jsonb, bigint, int, uuid[]), public.list_conversations(jsonb),
  public.last_instance_of(uuid), public.rename_contact(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.note_changed_conversation(), public.note_shorter_conversations(), public.take_up_conversations(bigint, bigint),
  public.last_message_of(uuid), public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb),
  public.scan_conversations(jsonb, bigint, int, uuid[]), public.list_conversations(jsonb),
  public.last_instance_of(uuid), public.rename_contact(jsonb)
  to service_role;
