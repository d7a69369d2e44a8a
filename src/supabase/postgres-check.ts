import { UnusableServerError } from './postgres-fault.js';
import type { SqlExecutor } from './sql-executor.js';

const OLDEST = 150_000;

const QUESTION = `
  select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
    pg_is_in_recovery() as is_standby, current_setting('default_transaction_read_only')::boolean as is_read_only,
    has_database_privilege(current_database(), 'create') as may_create_schemas,
    has_schema_privilege('public', 'create') as may_create_tables,
    (select r.rolsuper or r.rolcreaterole from pg_roles r where r.rolname = current_user) as may_create_roles,
    (select count(*) from pg_roles where rolname in ('anon', 'authenticated', 'service_role')) as roles,
    to_regclass('supabase_migrations.schema_migrations') is not null as is_migrated,
    current_user as user_name, current_database() as database_name`;

/**
 * Looks at a server before anything is changed on it.
 *
 * @throws UnusableServerError with one sentence that says what to do
 */
export async function checkServer(executor: Pick<SqlExecutor, 'query'>): Promise<void> {
  const { rows } = await executor.query(QUESTION);
  const server = rows[0] ?? {};
  if (Number(server['number']) < OLDEST) {
    throw new UnusableServerError(
      `The server of DATABASE_URL is Postgres ${String(server['version'])}, and the service needs 15 or newer: upgrade it, or use another one.`,
    );
  }
  if (server['is_standby'] === true) {
    throw new UnusableServerError(
      'The server of DATABASE_URL is a standby, which is read-only: connect to the primary.',
    );
  }
  if (server['is_read_only'] === true) {
    throw new UnusableServerError(
      'The database of DATABASE_URL is read-only: set default_transaction_read_only to off for this user and database.',
    );
  }
  if (server['is_migrated'] !== true) {
    checkRights(server);
  }
}

function checkRights(server: Record<string, unknown>): void {
  const [user, database] = [String(server['user_name']), String(server['database_name'])];
  const lacking = [
    ...(server['may_create_schemas'] === true ? [] : [`grant create on database "${database}" to "${user}"`]),
    ...(server['may_create_tables'] === true ? [] : [`grant create on schema public to "${user}"`]),
    ...(server['may_create_roles'] === true || Number(server['roles']) === 3
      ? []
      : [`alter role "${user}" createrole`]),
  ];
  if (lacking.length > 0) {
    throw new UnusableServerError(
      `The user of DATABASE_URL has no right to create what the service needs. Run as an administrator of that database: ${lacking.join('; ')}.`,
    );
  }
}
