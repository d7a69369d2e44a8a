-- Roles and the schema `auth` as Supabase has them, where they are missing (plain and embedded Postgres).
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'anon') then
    create role anon nologin noinherit;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'authenticated') then
    create role authenticated nologin noinherit;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    create role service_role nologin noinherit bypassrls;
  end if;
exception
  -- Roles belong to the whole server: another database of it may be migrated at this moment.
  when duplicate_object or unique_violation then
    null;
end
$$;

do $$
begin
  if not exists (select from pg_catalog.pg_namespace where nspname = 'auth') then
    create schema auth;
    grant usage on schema auth to anon, authenticated, service_role;

    create function auth.jwt() returns jsonb
      language sql stable
      set search_path = ''
    as $body$
      select coalesce(
        nullif(current_setting('request.jwt.claims', true), ''),
        nullif(current_setting('request.jwt.claim', true), '')
      )::jsonb
    $body$;

    create function auth.uid() returns uuid
      language sql stable
      set search_path = ''
    as $body$
      select nullif(coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      ), '')::uuid
    $body$;
  end if;
end
$$;

grant usage on schema public to anon, authenticated, service_role;
