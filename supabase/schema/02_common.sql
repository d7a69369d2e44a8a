-- What several subjects use. Functions that the service calls take one JSON argument and return JSON, so that it is the same
-- call over any transport.

create or replace function public.touch_updated_at() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

-- For single values. Where there may be many, callers write the expression themselves: a function that sets its search
-- path is never inlined, and calls cost more than what it does.
create or replace function public.encode_base64(value bytea) returns text
  language sql immutable strict parallel safe
  set search_path = ''
as $$
  -- encode() breaks lines after 76 characters.
  select translate(encode(value, 'base64'), e'\n', '')
$$;

-- What an open cursor gives, each row as an object, until it ends or they take more than 1 MiB together; the first one
-- counts however large it is. `more` says that the rows were cut there. No row is read but those and the one that is too much. Functions that
-- read pages have no parallel workers: to start them takes longer than a page.
create or replace function public.read_page(p_rows refcursor) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_row jsonb;
  v_rows jsonb[] := array[]::jsonb[];
  v_bytes bigint := 0;
begin
  loop
    fetch p_rows into v_row;
    exit when not found;
    v_bytes := v_bytes + pg_column_size(v_row);
    if v_bytes > 1048576 and cardinality(v_rows) > 0 then
      close p_rows;
      return jsonb_build_object('rows', to_jsonb(v_rows), 'more', true);
    end if;
    v_rows := array_append(v_rows, v_row);
  end loop;
  close p_rows;
  return jsonb_build_object('rows', to_jsonb(v_rows), 'more', false);
end
$$;

-- Which migrations were applied, as [version, name] in their order: the service compares them at its start. Dynamic, because the
-- table is made by whoever applies the first migration, maybe after this function.
create or replace function public.schema_versions(p jsonb) returns jsonb
  language plpgsql stable security definer
  set search_path = ''
as $$
-- It takes `p` because all do. @plpgsql_check_options: extra_warnings = off
declare
  v_versions jsonb;
begin
  if to_regclass('supabase_migrations.schema_migrations') is null then
    return '[]'::jsonb;
  end if;
  execute $versions$
    select coalesce(jsonb_agg(jsonb_build_array(m.version, to_jsonb(m) ->> 'name') order by m.version), '[]')
    from supabase_migrations.schema_migrations m
  $versions$ into v_versions;
  return v_versions;
end
$$;

revoke execute on function
  public.touch_updated_at(), public.encode_base64(bytea), public.read_page(refcursor), public.schema_versions(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.touch_updated_at(), public.encode_base64(bytea), public.read_page(refcursor), public.schema_versions(jsonb)
  to service_role;
