-- One database as a Supabase project has it before the first migration; run by the server's superuser (`supabase_admin`
-- there). `:owner` is the project's `postgres`, which owns the database and, by pg_database_owner, the schema public.
create schema extensions authorization ":owner";
grant usage on schema extensions to anon, authenticated, service_role;

create schema auth;
grant usage on schema auth to anon, authenticated, service_role, ":owner";
-- supabase/postgres, init-scripts/00000000000001-auth-schema.sql, as it is today.
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
  )::text
$$;
create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

grant usage on schema public to ":owner", anon, authenticated, service_role;
create publication supabase_realtime;

-- supabase/postgres, 20260923021047_update_pgrst_watch_triggers.sql: whatever changes the schema tells PostgREST, which answers
-- with the old schema cache until it has read the new one.
create function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as $$
begin
  if exists (
    select from pg_event_trigger_ddl_commands() command
      where command.command_tag = any (array[
          'CREATE SCHEMA', 'ALTER SCHEMA', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE',
          'CREATE FOREIGN TABLE', 'ALTER FOREIGN TABLE', 'CREATE VIEW', 'ALTER VIEW', 'CREATE MATERIALIZED VIEW',
          'ALTER MATERIALIZED VIEW', 'CREATE FUNCTION', 'ALTER FUNCTION', 'CREATE TYPE', 'ALTER TYPE', 'CREATE RULE', 'COMMENT'
        ]) and coalesce(command.schema_name, '') not in ('pg_temp', 'auth', 'realtime', '_realtime', 'storage')
      or command.command_tag = 'CREATE TRIGGER' and command.object_identity not like '% pg\_temp.%'
  ) then
    notify pgrst, 'reload schema';
  end if;
end
$$;
create function extensions.pgrst_drop_watch() returns event_trigger language plpgsql as $$
begin
  if exists (
    select from pg_event_trigger_dropped_objects() dropped
      where dropped.object_type = any (array[
          'schema', 'table', 'foreign table', 'view', 'materialized view', 'function', 'type', 'rule'
        ]) and not dropped.is_temporary
        and coalesce(dropped.schema_name, '') not in ('auth', 'realtime', '_realtime', 'storage')
      or dropped.object_type = 'trigger' and dropped.object_identity not like '% pg\_temp.%'
  ) then
    notify pgrst, 'reload schema';
  end if;
end
$$;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_drop_watch();
