import { join } from 'node:path';
import { attemptStart } from '../common/start-wait.js';
import { type DataDirLostError, type DataDirWait, lockDataDir } from './data-dir-lock.js';
import { functionCalls } from './function-calls.js';
import { findMigrationsFolder, type MigrationFile, readMigrations } from './migration-files.js';
import { migrate, missingMigrations } from './migrator.js';
import { settleMoves } from './move/move-marks.js';
import { checkServer } from './postgres-check.js';
import { explainPostgres, UnusableServerError } from './postgres-fault.js';
import { newClient, withHonestAnswers } from './project-client.js';
import { nameVersions } from './recorded-migrations.js';
import { createRestFetch } from './rest-fetch.js';
import type { SqlExecutor, SqlOptions, SqlResult } from './sql-executor.js';
import type { DatabaseClient } from './supabase-client.js';
import { checkSupabaseProject } from './supabase-project.js';
import { timedFetch } from './timed-fetch.js';

/** Which of the three stores. */
export type DatabaseStore =
  | { kind: 'supabase'; url: string; serviceRoleKey: string }
  | { kind: 'postgres'; connectionString: string }
  /** Without a folder the database is in memory. */
  | {
      kind: 'embedded';
      dataDir?: string | undefined;
      /** What one in memory begins with: the dump of another one. By default it is empty. */
      dump?: Blob | undefined;
    };

export interface DatabaseOptions {
  store: DatabaseStore;
  /** Bound of every call. */
  timeoutMs?: number | undefined;
  poolSize?: number | undefined;
  onIdleError?: ((error: Error) => void) | undefined;
  /** Whether migrations that are missing are applied; else they are a fault. True by default. */
  mayMigrate?: boolean | undefined;
  /** How long a store that is not there yet is waited for, in ms. By default not at all. */
  waitMs?: number | undefined;
  /** Told what is waited for, again and again. */
  onWaiting?: ((sentence: string) => void) | undefined;
  /** Opens also what was moved away, or what is not complete: for the move itself. */
  forMove?: boolean | undefined;
  /** Of the embedded database: whether to wait for another process that has it. */
  wait?: DataDirWait | undefined;
  /** Of the embedded database: told once, when it is another process's; may end the process. */
  onLost?: ((error: DataDirLostError) => void) | undefined;
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
  /** Runs statements in a transaction. @throws Error for a Supabase project, as `sql` */
  transaction: SqlExecutor['transaction'];
  /** Gives everything back; further calls fail. */
  close: () => Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** Never resolved: the client's `fetch` answers in this process. */
const IN_PROCESS_URL = 'http://database.invalid';

/**
 * Opens the database, and brings its schema up to date (a Supabase project is only checked). What does not answer yet is
 * waited for.
 *
 * @throws DataDirInUseError, DiskFullError, NewerDatabaseError, DatabaseMovedError, or an Error that says what is wrong with the store
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const { store } = options;
  const waiting = { waitMs: options.waitMs ?? 0, onWaiting: options.onWaiting };
  if (store.kind === 'supabase') {
    const { createHostedFetch, HOSTED_BOUNDS } = await import('./hosted-fetch.js');
    const hosted = createHostedFetch({ ...HOSTED_BOUNDS, silenceMs: timeoutMs });
    const client = newClient(store.url, store.serviceRoleKey, withHonestAnswers(hosted.fetch));
    try {
      await checkSupabaseProject(client, await readMigrations(findMigrationsFolder()), waiting);
    } catch (error) {
      await hosted.close();
      throw error;
    }
    return {
      client,
      migrated: [],
      sql: refuseSql,
      transaction: refuseSql,
      close: () => hosted.close(),
    };
  }
  if (store.kind === 'postgres') {
    return attemptStart(() => openMigrated(options, timeoutMs), { ...waiting, explain: explainPostgres });
  }
  return openMigrated(options, timeoutMs);
}

async function openMigrated(options: DatabaseOptions, timeoutMs: number): Promise<OpenDatabase> {
  const executor = await openExecutor(options, timeoutMs);
  try {
    if (options.store.kind === 'postgres') {
      await checkServer(executor);
    }
    const shipped = await readMigrations(findMigrationsFolder());
    if (options.mayMigrate === false) {
      await requireMigrations(executor, shipped);
    }
    const migrated = await migrate(executor, shipped);
    if (options.forMove !== true) {
      await settleMoves(executor);
    }
    return {
      client: clientOver(executor, timeoutMs),
      migrated,
      sql: (text, params, sqlOptions) => executor.query(text, params, sqlOptions),
      transaction: (work, sqlOptions) => executor.transaction(work, sqlOptions),
      close: () => executor.close(),
    };
  } catch (error) {
    await executor.close();
    throw error;
  }
}

async function requireMigrations(executor: SqlExecutor, shipped: MigrationFile[]): Promise<void> {
  const missing = await missingMigrations(executor, shipped);
  if (missing.length > 0) {
    throw new UnusableServerError(
      `The database lacks ${missing.length} of the migrations of this version (${nameVersions(missing)}): the next start of the service applies them.`,
    );
  }
}

const refuseSql = () => Promise.reject(new Error('a Supabase project takes SQL in its own SQL editor'));

/**
 * @param executor an open database
 * @param timeoutMs bound of every call
 * @returns the client whose calls are served by it in this process
 */
export function clientOver(executor: SqlExecutor, timeoutMs = DEFAULT_TIMEOUT_MS): DatabaseClient {
  const tables = newClient(IN_PROCESS_URL, 'in-process', timedFetch(createRestFetch(executor), timeoutMs));
  return { from: tables.from.bind(tables), rpc: functionCalls(executor, timeoutMs) };
}

/** Each store's library is read only where it is the store. */
async function openExecutor(options: DatabaseOptions, timeoutMs: number): Promise<SqlExecutor> {
  const { store } = options;
  if (store.kind === 'postgres') {
    const { PgExecutor } = await import('./pg-executor.js');
    return new PgExecutor({
      connectionString: store.connectionString,
      poolSize: options.poolSize,
      statementTimeoutMs: timeoutMs,
      onIdleError: options.onIdleError,
    });
  }
  const { PgliteExecutor } = await import('./pglite-executor.js');
  const dataDir = store.kind === 'embedded' ? store.dataDir : undefined;
  if (dataDir === undefined) {
    return PgliteExecutor.open(undefined, undefined, store.kind === 'embedded' ? store.dump : undefined);
  }
  const lock = await lockDataDir(dataDir, options.wait);
  if (options.onLost) {
    lock.onLost(options.onLost);
  }
  return PgliteExecutor.open(join(dataDir, 'db'), lock);
}
