-- For `npm run admin -- check-database`, and for what the start asks of a project.

-- What the service's role gets, and as much padding as is asked for (1 MiB at most), for whoever checks the database.
-- Changes nothing.
create or replace function public.describe_database(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'role', current_user,
    'server_version', current_setting('server_version'),
    'statement_timeout', current_setting('statement_timeout'),
    'lock_timeout', current_setting('lock_timeout'),
    'read_only', pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean,
    'now', now(),
    'received_characters', coalesce(length(p ->> 'text'), 0),
    'padding', repeat('x', least(greatest(coalesce((p ->> 'padding')::int, 0), 0), 1048576)));
end
$$;
revoke execute on function public.describe_database(jsonb) from public, anon, authenticated;
grant execute on function public.describe_database(jsonb) to service_role;

-- Rows for counting how many of them an answer may have.
create or replace function public.count_rows(p jsonb) returns setof int
  language sql immutable
  set search_path = ''
as $$
  select generate_series(1, least(greatest((p ->> 'rows')::int, 0), 2000))
$$;
revoke execute on function public.count_rows(jsonb) from public, anon, authenticated;
grant execute on function public.count_rows(jsonb) to service_role;
