-- Finding contacts by name and number, without regard to case and accents.

-- Names have any length; so much of one tells people apart and fits into an index and a cursor.
create index if not exists idx_contacts_name on public.contacts (organization_id, left(name, 40), id);
create index if not exists idx_contacts_search on public.contacts
  using gin (public.name_keys(organization_id, public.search_text(name || ' ' || coalesce(phone_number, '')))) with (fastupdate = off);

-- Forms of a number of which one has to be part of a contact's number.
create or replace function public.number_parts(p_search jsonb) returns text[]
  language plpgsql immutable
  set search_path = ''
as $$
begin
  return array(select jsonb_array_elements_text(case jsonb_typeof(p_search -> 'parts') when 'array' then p_search -> 'parts' else '[]' end));
end
$$;

-- What a search asks of a contact, in SQL that calls it `p_name`: all words of `search` in its name or number, or one of `parts` in its number.
create or replace function public.contact_conditions(p jsonb, p_name text) returns text
  language plpgsql immutable
  set search_path = ''
as $$
begin
  return format(
    '(public.search_text(%1$I.name || '' '' || coalesce(%1$I.phone_number, '''')) like all (%2$L) or %1$I.phone_number like any (%3$L))',
    p_name, public.search_patterns(public.search_words(p ->> 'search')), public.search_patterns(public.number_parts(p)));
end
$$;

-- The same of a contact `c`, or of one that a person merged into it.
create or replace function public.person_conditions(p jsonb) returns text
  language plpgsql immutable
  set search_path = ''
as $$
begin
  -- Not `exists`: the planner would compare all names first.
  return format('(%s or (select true from public.contacts k where k.merged_into = c.id and %s limit 1))',
    public.contact_conditions(p, 'c'), public.contact_conditions(p, 'k'));
end
$$;

-- The contacts that a search finds, themselves or what was merged into them, by the index of keys. Null where they are more than `p_limit`.
create or replace function public.contacts_by_keys(p_search jsonb, p_limit int) returns uuid[]
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organization_id constant text := p_search ->> 'organization_id';
  v_keys text[] := array[public.name_keys_of(v_organization_id, public.search_words(p_search ->> 'search'))::text];
  v_part text;
  v_ids uuid[];
begin
  foreach v_part in array public.number_parts(p_search) loop
    v_keys := v_keys || public.name_keys_of(v_organization_id, array[v_part])::text;
  end loop;
  if '{}' = any (v_keys) then
    return null;
  end if;
  execute (
    select format('select array(select coalesce(c.merged_into, c.id) from public.contacts c where (%s) and c.organization_id = %L and %s limit %s)',
      string_agg(format(
        'public.name_keys(c.organization_id, public.search_text(c.name || '' '' || coalesce(c.phone_number, ''''))) @> %L::bigint[]',
        k.keys), ' or '), v_organization_id, public.contact_conditions(p_search, 'c'), p_limit + 1)
    from unnest(v_keys) k (keys)
  ) into v_ids;
  return case when cardinality(v_ids) <= p_limit then v_ids end;
end
$$;

-- Contacts of an organization: those of `ids` that have one of `numbers`, and that `search` and `parts` find, as far as these are given. Newest first, or
-- by `sort`, which is `name` or `created_at`, descending with a `-` before it. `before` and `before_id`, or against the order `after`
-- and `after_id`, are the contact beside which the list begins.
create or replace function public.search_contacts(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
as $$
declare
  v_sort constant text := coalesce(p ->> 'sort', '-created_at');
  v_column constant text := case ltrim(v_sort, '-') when 'name' then 'left(c.name, 40)' else 'c.created_at' end;
  v_ascending constant boolean := (v_sort like '-%') = (p ? 'after');
  -- Processes of the release before call the place so, and search by patterns.
  v_place constant text := coalesce(p ->> 'after', p ->> 'before', p ->> 'before_time');
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  v_conditions constant text := concat_ws(' and ',
    format('c.organization_id = %L and c.merged_into is null', p ->> 'organization_id'),
    case when jsonb_typeof(p -> 'numbers') = 'array'
      then format('c.id in (select coalesce(k.merged_into, k.id) from public.contacts k
          where k.phone_number = any (%L) and k.organization_id = %L)',
        array(select jsonb_array_elements_text(p -> 'numbers')), p ->> 'organization_id') end,
    case when jsonb_typeof(p -> 'ids') = 'array'
      then format('c.id in (select coalesce(k.merged_into, k.id) from public.contacts k where k.id = any (%L::uuid[]) and k.organization_id = %L)',
        array(select jsonb_array_elements_text(p -> 'ids')), p ->> 'organization_id') end,
    case when p ->> 'name' is not null
      then format('(c.name ilike %L or c.phone_number like any (%L))', p ->> 'name', public.number_parts(p)) end,
    case when v_place is not null then format('(%s, c.id) %s (%L, %L)', v_column,
      case when v_ascending then '>' else '<' end, v_place, coalesce(p ->> 'after_id', p ->> 'before_id')) end);
  v_order constant text := format('%1$s %2$s, c.id %2$s', v_column, case when v_ascending then 'asc' else 'desc' end);
  v_is_search constant boolean := p ->> 'search' is not null;
  v_ids uuid[] := case when v_is_search then public.contacts_by_keys(p, 30) end;
  -- What many are called is found among the first ones; otherwise by the index, unless it finds too many.
  v_is_among_first boolean := v_is_search and v_ids is null;
  v_found jsonb;
begin
  loop
    execute format(
      'select coalesce(jsonb_agg(f.shown), ''[]'') from (
        select jsonb_build_object(''id'', c.id, ''organization_id'', c.organization_id, ''phone_number'', c.phone_number, ''lid'', c.lid,
          ''name'', c.name, ''name_source'', c.name_source, ''created_at'', c.created_at, ''updated_at'', c.updated_at,
          ''last_message_at'', c.last_message_at) as shown
        from (select * from public.contacts c where %1$s %2$s) c
        where %3$s
        order by %4$s
        limit %5$s
      ) f',
      v_conditions,
      case when v_is_among_first then format('order by %s limit 300', v_order)
        when v_ids is not null then format('and c.id = any (%L)', v_ids) end,
      case when v_is_search and v_ids is null then public.person_conditions(p) else 'true' end,
      v_order, v_limit)
      into v_found;
    exit when not v_is_among_first or jsonb_array_length(v_found) >= v_limit;
    v_is_among_first := false;
    v_ids := public.contacts_by_keys(p, 2000);
  end loop;
  return v_found;
end
$$;

revoke execute on function
  public.number_parts(jsonb), public.contact_conditions(jsonb, text), public.person_conditions(jsonb),
  public.contacts_by_keys(jsonb, int), public.search_contacts(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.number_parts(jsonb), public.contact_conditions(jsonb, text), public.person_conditions(jsonb),
  public.contacts_by_keys(jsonb, int), public.search_contacts(jsonb)
  to service_role;
