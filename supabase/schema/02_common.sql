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
  public.touch_updated_at(), public.encode_base64(bytea), public.schema_versions(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.touch_updated_at(), public.encode_base64(bytea), public.schema_versions(jsonb)
  to service_role;
