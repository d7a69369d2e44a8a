import { join } from 'node:path';
import { lockDataDir } from './data-dir-lock.js';
import { findMigrationsFolder, readMigrations } from './migration-files.js';
import { migrate } from './migrator.js';
import { PgExecutor } from './pg-executor.js';
import { PgliteExecutor } from './pglite-executor.js';
import { newClient, withHonestAnswers } from './project-client.js';
import { createRestFetch } from './rest-fetch.js';
import type { SqlExecutor, SqlOptions, SqlResult } from './sql-executor.js';
import type { DatabaseClient } from './supabase-client.js';
import { checkSupabaseProject } from './supabase-project.js';
import { withTimeout } from './timed-fetch.js';

/** Which of the three stores. */
export type DatabaseStore =
  | { kind: 'supabase'; url: string; serviceRoleKey: string }
  | { kind: 'postgres'; connectionString: string }
  /** Without a folder the database is in memory. */
  | { kind: 'embedded'; dataDir?: string | undefined };

export interface DatabaseOptions {
  store: DatabaseStore;
  /** Bound of every call. */
  timeoutMs?: number | undefined;
  poolSize?: number | undefined;
  onIdleError?: ((error: Error) => void) | undefined;
}

/** An open, migrated database. */
export interface OpenDatabase {
  client: DatabaseClient;
  /** Migrations that were applied while opening. */
  migrated: string[];
  /**
   * Runs one statement; parameters are text and written `$1::text`.
   *
   * @throws Error for a Supabase project, which takes no SQL from here
   */
  sql: (text: string, params?: readonly (string | null)[], options?: SqlOptions) => Promise<SqlResult>;
  /** Gives everything back; further calls fail. */
  close: () => Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** Never resolved: the client's `fetch` answers in this process. */
const IN_PROCESS_URL = 'http://database.invalid';

/**
 * Opens the database, and brings its schema up to date (a Supabase project is only checked).
 *
 * @throws DataDirInUseError, NewerDatabaseError, or an Error that says what is wrong with the store
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const { store } = options;
  if (store.kind === 'supabase') {
    const client = newClient(
      store.url,
      store.serviceRoleKey,
      withHonestAnswers(withTimeout(fetch, timeoutMs)),
    );
    await checkSupabaseProject(client);
    return {
      client,
      migrated: [],
      sql: () => Promise.reject(new Error('a Supabase project takes SQL in its own SQL editor')),
      close: () => Promise.resolve(),
    };
  }
  const executor = await openExecutor(options, timeoutMs);
  try {
    const migrated = await migrate(executor, await readMigrations(findMigrationsFolder()));
    return {
      client: clientOver(executor, timeoutMs),
      migrated,
      sql: (text, params, sqlOptions) => executor.query(text, params, sqlOptions),
      close: () => executor.close(),
    };
  } catch (error) {
    await executor.close();
    throw whyClosed(error);
  }
}

/**
 * @param executor an open database
 * @param timeoutMs bound of every call
 * @returns the client whose calls are served by it in this process
 */
export function clientOver(executor: SqlExecutor, timeoutMs = DEFAULT_TIMEOUT_MS): DatabaseClient {
  return newClient(IN_PROCESS_URL, 'in-process', withTimeout(createRestFetch(executor), timeoutMs));
}

/** SQLSTATE: there is no such database. */
const NO_DATABASE = '3D000';
/** SQLSTATE class: the login was refused. */
const NO_LOGIN = /^28/;

/** @returns an error that says what is wrong with the connection, or the same one where it is about something else */
function whyClosed(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof Error && 'syscall' in error) {
    return new Error(`The database of DATABASE_URL can't be reached: ${message || code}`, { cause: error });
  }
  if (code === NO_DATABASE) {
    const text = `The server of DATABASE_URL has no such database (${message}). Create an empty one: its tables are made by themselves.`;
    return new Error(text, { cause: error });
  }
  return code !== undefined && NO_LOGIN.test(code)
    ? new Error(`The server of DATABASE_URL refuses the login: ${message}`, { cause: error })
    : error;
}

async function openExecutor(options: DatabaseOptions, timeoutMs: number): Promise<SqlExecutor> {
  const { store } = options;
  if (store.kind === 'postgres') {
    return new PgExecutor({
      connectionString: store.connectionString,
      poolSize: options.poolSize,
      statementTimeoutMs: timeoutMs,
      onIdleError: options.onIdleError,
    });
  }
  const dataDir = store.kind === 'embedded' ? store.dataDir : undefined;
  if (dataDir === undefined) {
    return PgliteExecutor.open(undefined);
  }
  const unlock = await lockDataDir(dataDir);
  try {
    return await PgliteExecutor.open(join(dataDir, 'db'), unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}
