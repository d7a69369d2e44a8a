-- Finding messages by what they say. The path of a message that is received or sent does nothing for it: a worker takes up afterwards
-- what was stored, for searches and for the list of conversations, and what it has not taken up yet is looked through as it is.

-- What messages say, as searches compare it. Those of the history, and changed ones, are here in the same transaction.
create table if not exists public.message_search (
  message_id uuid primary key references public.messages (id) on delete cascade,
  organization_id text not null,
  ordinal bigint not null,
  group_id uuid,
  instance_id uuid not null,
  is_outbound boolean not null,
  -- Empty once the message was taken back.
  words text not null
);
create index if not exists idx_message_search_keys on public.message_search
  using gin (public.search_keys(organization_id, words)) with (fastupdate = off);
create index if not exists idx_message_search_organization on public.message_search (organization_id, ordinal) where group_id is null;
create index if not exists idx_message_search_instance on public.message_search (instance_id, ordinal) where group_id is null;
create index if not exists idx_message_search_sent_from on public.message_search (instance_id, ordinal) where group_id is null and is_outbound;
create index if not exists idx_message_search_sent_by on public.message_search (organization_id, ordinal) where group_id is null and is_outbound;
-- Of an expression, so that no list of an organization walks through everybody's messages.
create index if not exists idx_messages_stored on public.messages ((ordinal + 0));

-- How far messages were taken up: one row, of `messages`.
create table if not exists public.search_progress (
  subject text primary key,
  -- The ordinal up to which all are in `message_search`.
  taken_until bigint not null default -9223372036854775808,
  -- Up to where no message can come any more, and the same of later: from `noted_before` on transactions began when that was noted.
  settled_until bigint not null default -9223372036854775808,
  noted_until bigint,
  noted_before xid8
);
alter table public.message_search enable row level security;
alter table public.search_progress enable row level security;
revoke all on public.message_search, public.search_progress from public, anon, authenticated;
grant select, insert, update, delete on public.message_search, public.search_progress to service_role;

-- What searches compare of a message: its beginning. Its keys take time in proportion, which what is received would wait for.
create or replace function public.words_of_message(p_content text) returns text
  language plpgsql immutable strict parallel safe cost 100
  set search_path = ''
as $$
begin
  return public.search_text(left(p_content, 10000));
end
$$;

create or replace function public.note_message_words() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.message_search (message_id, organization_id, ordinal, group_id, instance_id, is_outbound, words)
    values (new.id, new.organization_id, new.ordinal, new.group_id, new.instance_id, new.direction = 'outbound',
      public.words_of_message(new.content))
    on conflict (message_id) do update set ordinal = excluded.ordinal, words = excluded.words;
  return null;
end
$$;

create or replace trigger note_history_words after insert on public.messages
  for each row when (new.ordinal < 0 and new.change_of is null) execute function public.note_message_words();
create or replace trigger note_changed_words after update of content, ordinal on public.messages
  for each row
  when (new.change_of is null and (new.content is distinct from old.content or new.ordinal is distinct from old.ordinal))
  execute function public.note_message_words();

-- Whether messages wait to be taken up, or conversations that have changed.
create or replace function public.search_waits() returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  -- By the last one, which the index knows at once; whether there is any, the planner would look for in the table.
  return jsonb_build_object('waiting', exists (select from public.changed_conversations) or coalesce(
    (select m.ordinal from public.messages m order by m.ordinal + 0 desc limit 1)
      > coalesce((select s.taken_until from public.search_progress s where s.subject = 'messages'), -9223372036854775808), false));
end
$$;

-- Takes messages up, `limit` at most, fewer where they are long, and in their order, unless somebody does so already: `taken`, and whether
-- there are `more`.
-- A message is committed after it got its ordinal. So an ordinal counts as settled when all transactions are over that had begun when
-- it was the last one.
create or replace function public.take_up_messages(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  -- Before this transaction has an id of its own.
  v_over constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 10000);
  v_progress public.search_progress;
  -- In bytes: what is received waits for so much at most.
  v_amount constant int := 30000;
  v_count int := 0;
  v_last bigint;
  v_is_more boolean := false;
  v_taken_before bigint;
begin
  insert into public.search_progress (subject) values ('messages') on conflict do nothing;
  select * into v_progress from public.search_progress where subject = 'messages' for update skip locked;
  if not found then
    return '{"taken": 0, "more": false}'::jsonb;
  end if;
  if v_over >= v_progress.noted_before then
    v_progress.settled_until := v_progress.noted_until;
    v_progress.noted_before := null;
  end if;
  if v_progress.noted_before is null then
    select s.last_value into v_progress.noted_until from public.messages_ordinal_seq s;
    v_progress.noted_before := pg_snapshot_xmax(pg_current_snapshot());
  end if;
  v_taken_before := v_progress.taken_until;
  if v_progress.taken_until < v_progress.settled_until then
    with walked as materialized (
      select m.id, m.organization_id, m.ordinal, m.group_id, m.instance_id, m.direction, m.content, m.change_of,
        sum(least(octet_length(m.content), 10000)) over (order by m.ordinal + 0) - least(octet_length(m.content), 10000) as amount_before
      from public.messages m
      where m.ordinal + 0 > v_progress.taken_until and m.ordinal + 0 <= v_progress.settled_until
      order by m.ordinal + 0
      limit v_limit
    ), batch as materialized (
      select * from walked w where w.amount_before < v_amount
    ), stored as (
      insert into public.message_search (message_id, organization_id, ordinal, group_id, instance_id, is_outbound, words)
        select b.id, b.organization_id, b.ordinal, b.group_id, b.instance_id, b.direction = 'outbound', public.words_of_message(b.content)
        from batch b
        where b.change_of is null and b.content <> ''
        on conflict (message_id) do nothing
    )
    select count(*), max(b.ordinal), (select count(*) from walked) >= least(count(*) + 1, v_limit) into v_count, v_last, v_is_more
      from batch b;
    v_progress.taken_until := case when v_is_more then v_last else v_progress.settled_until end;
  end if;
  v_is_more := public.take_up_conversations(v_taken_before, v_progress.taken_until) or v_is_more;
  update public.search_progress set taken_until = v_progress.taken_until, settled_until = v_progress.settled_until,
    noted_until = v_progress.noted_until, noted_before = v_progress.noted_before
    where subject = 'messages';
  return jsonb_build_object('taken', v_count, 'more', v_is_more);
end
$$;

-- As message_conditions, of what searches compare, for the filters that they know: by number and direction.
create or replace function public.search_conditions(p jsonb) returns text
  language plpgsql stable
  set search_path = ''
as $$
begin
  return concat_ws(' and ',
    's.group_id is null',
    -- A number has an index of its own: as in message_conditions.
    case when p ->> 'instance_id' is null then format('s.organization_id = %L', p ->> 'organization_id')
      else format('s.instance_id = %L', (
        select i.id from public.whatsapp_instances i
        where i.id = (p ->> 'instance_id')::uuid and i.organization_id = p ->> 'organization_id')) end,
    case p ->> 'direction' when 'outbound' then 's.is_outbound' when 'inbound' then 'not s.is_outbound' end);
end
$$;

-- Goes through messages in their order, `p_scan` at most, beyond the ordinal `p_place` and up to `p_bound`: `count`, the ordinal of the `last`
-- one, and the `ordinals` of those that have the words. `p_is_stored`: those that were taken up, by what searches compare, as far as it knows the
-- filters; otherwise messages themselves are gone through, those that the filters ask for.
create or replace function public.scan_messages(
  p jsonb, p_patterns text[], p_is_stored boolean, p_place bigint, p_bound bigint, p_scan int,
  out count int, out last bigint, out ordinals bigint[]
)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_direction constant text := case when p ? 'after' then 'asc' else 'desc' end;
  v_range constant text := case when p ? 'after' then '%1$s.ordinal > $2 and %1$s.ordinal <= $3' else '%1$s.ordinal < $2 and %1$s.ordinal > $3' end;
begin
  execute format(
    'select count(*), (array_agg(w.ordinal))[count(*)], coalesce(array_agg(w.ordinal) filter (where w.is_hit), ''{}'') from (%s) w',
    case when p_is_stored then format(
      'select s.ordinal, s.words like all ($1) as is_hit
        from public.message_search s
        where %s and %s
        order by s.ordinal %s
        limit $4', public.search_conditions(p), format(v_range, 's'), v_direction)
    else format(
      'select m.ordinal, coalesce(
          (select s.words from public.message_search s where s.message_id = m.id), public.words_of_message(m.content)) like all ($1) as is_hit
        from public.messages m
        where %s and %s
        order by m.ordinal %s
        limit $4', format(v_range, 'm'), public.message_conditions(p), v_direction)
    end)
    into count, last, ordinals
    using p_patterns, p_place, p_bound, p_scan;
end
$$;

-- The ordinals of those messages that were taken up, of an organization, and have all the keys and words: `p_limit` at most, beyond the ordinal
-- `p_place` and up to `p_bound`.
create or replace function public.messages_by_keys(
  p_search jsonb, p_keys bigint[], p_patterns text[], p_place bigint, p_bound bigint, p_limit int
) returns bigint[]
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_conditions constant text := public.message_conditions(p_search);
  v_direction constant text := case when p_search ? 'after' then 'asc' else 'desc' end;
  v_found bigint[];
begin
  execute format(
    'select array(
      select f.ordinal
      from (
        select s.message_id, s.ordinal
        from public.message_search s
        where public.search_keys(s.organization_id, s.words) @> $1 and s.words like all ($2) and %s and s.group_id is null
        order by s.ordinal %s
      ) f %s
      order by f.ordinal %s
      limit $5
    )',
    case when p_search ? 'after' then 's.ordinal > $3 and s.ordinal <= $4' else 's.ordinal < $3 and s.ordinal > $4' end, v_direction,
    -- One after the other, until there are enough.
    case when v_conditions <> public.message_conditions(jsonb_build_object('organization_id', p_search ->> 'organization_id'))
      then 'cross join lateral (select from public.messages m where m.id = f.message_id and ' || v_conditions || ' offset 0) m' end,
    v_direction)
    into v_found
    using p_keys, p_patterns, p_place, p_bound, p_limit;
  return v_found;
end
$$;

-- As list_messages, of those that have all words of `search` in them. A call looks through a bounded number of messages; `until` is the
-- ordinal up to which it looked where that is neither the end of the list nor the end of the page.
create or replace function public.search_messages(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_words constant text[] := public.search_words(p ->> 'search');
  v_patterns constant text[] := public.search_patterns(v_words);
  v_keys constant bigint[] := public.search_keys_of(v_organization_id, v_words);
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  v_is_newer constant boolean := p ? 'after';
  -- Of one chat there are few: to go through them needs no index of words.
  v_is_chat constant boolean := p ? 'contact_id' or p ? 'group_id';
  -- By what messages alone know.
  v_is_filtered constant boolean := public.message_conditions(p) <> public.message_conditions(jsonb_build_object(
    'organization_id', v_organization_id, 'instance_id', p -> 'instance_id', 'direction', p -> 'direction'));
  v_is_part constant boolean := p ->> 'instance_id' is not null or p ->> 'direction' is not null;
  v_end constant bigint := case when v_is_newer then 9223372036854775807 else -9223372036854775808 end;
  v_place bigint := coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint;
  v_taken_until bigint;
  v_is_stored boolean;
  v_bound bigint;
  v_scanned int;
  v_scan int;
  v_budget int;
  v_sample int;
  v_part record;
  v_found bigint[] := '{}'::bigint[];
  v_found_before int;
  v_begin bigint;
  v_hits int;
  v_gap numeric;
  v_left numeric;
  v_until bigint;
  v_ids uuid[];
begin
  if cardinality(v_words) = 0 then
    return '{"rows": [], "more": false}'::jsonb;
  end if;
  select coalesce((select s.taken_until from public.search_progress s where s.subject = 'messages'), -9223372036854775808) into v_taken_until;
  -- What was taken up is looked for in one table, and the rest in the other one: newer messages first, or last.
  foreach v_is_stored in array case when v_is_chat then '{f}' when v_is_newer then '{t,f}' else '{f,t}' end::boolean[] loop
    v_bound := v_end;
    if not v_is_chat and v_is_stored = v_is_newer then
      v_bound := v_taken_until;
    elsif not v_is_chat then
      v_place := case when v_is_newer then greatest(v_place, v_taken_until)
        when v_taken_until < 9223372036854775807 then least(v_place, v_taken_until + 1) else v_place end;
    end if;
    v_budget := case when v_is_chat then 1000 when v_is_stored and not v_is_filtered then 5000 else 2500 end;
    v_sample := case when not v_is_stored then v_budget when v_is_filtered then 300 else 1000 end;
    v_scan := least(v_sample, case when v_is_stored then 200 else 1000 end);
    v_begin := v_place;
    v_scanned := 0;
    v_found_before := cardinality(v_found);
    loop
      select * into v_part
        from public.scan_messages(p, v_patterns, v_is_stored and not v_is_filtered, v_place, v_bound, v_scan);
      v_found := v_found || v_part.ordinals;
      v_scanned := v_scanned + v_part.count;
      exit when v_part.count < v_scan or cardinality(v_found) >= v_limit;
      v_place := v_part.last;
      v_hits := cardinality(v_found) - v_found_before;
      -- So many more are gone through for the rest of the page, as it looks by those until here.
      v_scan := least((v_limit - cardinality(v_found))::bigint * v_scanned / greatest(v_hits, 1) + 1, 1000000);
      if v_scanned < v_sample then
        v_scan := least(v_scan, v_sample - v_scanned);
      elsif v_is_stored and cardinality(v_keys) > 0 then
        -- A row in its order takes a quarter of one that the index gives, and more where many messages of others lie between.
        v_gap := least(greatest(abs(v_place - v_begin)::numeric / v_scanned, 1), 50);
        v_left := case when v_is_newer then v_taken_until - v_place else greatest(v_place, 0) end / v_gap;
        if (case when v_is_filtered then v_scan > v_budget
            -- The index of words gives the others, too.
            when v_is_part then v_scan > 10000
            else v_scan > 25000 or v_scan * (1 + v_gap / 5) > 4 * v_hits * v_left / v_scanned end) then
          v_found := v_found
            || public.messages_by_keys(p, v_keys, v_patterns, v_place, v_bound, v_limit - cardinality(v_found));
          exit;
        end if;
      else
        v_scan := least(v_scan, v_budget - v_scanned);
        if v_scan <= 0 then
          v_until := v_place;
          exit;
        end if;
      end if;
    end loop;
    exit when v_until is not null or cardinality(v_found) >= v_limit;
  end loop;
  execute format(
    'select array(
      select m.id from public.messages m
      where m.organization_id = $1 and m.ordinal = any ($2) and m.change_of is null
      order by m.ordinal %s
      limit $3)', case when v_is_newer then 'asc' else 'desc' end)
    into v_ids
    using v_organization_id, v_found, v_limit;
  return public.read_messages(v_organization_id, v_ids) || jsonb_strip_nulls(jsonb_build_object('until', v_until));
end
$$;

revoke execute on function
  public.words_of_message(text), public.note_message_words(), public.search_waits(), public.take_up_messages(jsonb),
  public.search_conditions(jsonb), public.scan_messages(jsonb, text[], boolean, bigint, bigint, int),
  public.messages_by_keys(jsonb, bigint[], text[], bigint, bigint, int),
  public.search_messages(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.words_of_message(text), public.note_message_words(), public.search_waits(), public.take_up_messages(jsonb),
  public.search_conditions(jsonb), public.scan_messages(jsonb, text[], boolean, bigint, bigint, int),
  public.messages_by_keys(jsonb, bigint[], text[], bigint, bigint, int),
  public.search_messages(jsonb)
  to service_role;
