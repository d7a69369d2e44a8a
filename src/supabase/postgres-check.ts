import { UnusableServerError } from './postgres-fault.js';
import type { SqlExecutor } from './sql-executor.js';

const OLDEST = 150_000;

const QUESTION = `
  select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
    pg_is_in_recovery() as is_standby, current_setting('default_transaction_read_only')::boolean as is_read_only`;

/**
 * Looks at a server before anything is changed on it; what a migration needs beyond that, its preflight asks.
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
}
