-- The roles of a Supabase project, for the whole server; `:owner` is the project's `postgres`. May run again.
-- After supabase/postgres, migrations/db: init-scripts/00000000000000-initial-schema.sql and
-- migrations/10000000000000_demote-postgres.sql.
do $$
declare
  v_role text;
begin
  foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      execute format('create role %I nologin noinherit', v_role);
    end if;
  end loop;
  if not exists (select from pg_catalog.pg_roles where rolname = 'authenticator') then
    create role authenticator login noinherit;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = ':owner') then
    create role ":owner" login createrole createdb replication bypassrls;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'supabase_admin') then
    create role supabase_admin superuser login createdb createrole replication bypassrls;
  end if;
end
$$;

alter role service_role bypassrls;
alter role authenticator password ':password';
alter role ":owner" password ':password';
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to ":owner" with admin option;
-- pg_monitor and pg_signal_backend as the platform grants them.
grant pg_monitor, pg_read_all_data, pg_signal_backend to ":owner";

-- https://supabase.com/docs/guides/database/postgres/timeouts: service_role has none of its own, so the 8 s of the
-- authenticator, whose connection it is, hold. supabase/postgres: init-scripts/00000000000000-initial-schema.sql,
-- 20221028101028_set_authenticator_timeout.sql, 20231130133139_set_lock_timeout_to_authenticator_role.sql.
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
