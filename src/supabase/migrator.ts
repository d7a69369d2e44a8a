import { messageOf } from '../common/error-message.js';
import type { MigrationFile } from './migration-files.js';
import { MIGRATIONS_OF_0_1 } from './migrations-of-0-1.js';
import { compareMigrations, type RecordedMigration, UnfitDatabaseError } from './recorded-migrations.js';
import type { SqlExecutor, SqlRunner } from './sql-executor.js';

/** Any number, the same in every process of this service, of release 0.1, too. */
const LOCK_KEY = '4706981325';
const MIGRATION_TIMEOUT_MS = 300_000;
/** SQLSTATE of the preflight: its message is the sentence for those who run the service. */
const UNFIT = 'AZ412';
/** SQLSTATE: insufficient privilege. */
const DENIED = '42501';

const BOOKKEEPING = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key,
    statements text[],
    name text
  );`;

/** From the catalog: `to_regclass` fails where the schema may not be used. Other tools record no names. */
const RECORDED_STATE = `
  select exists (
      select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'name' and not a.attisdropped
    ) as has_names
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'supabase_migrations' and c.relname = 'schema_migrations'`;

/**
 * Applies what is missing, each migration in a transaction with its record. Several processes may do so at once. A database
 * that release 0.1 made to its end takes the baseline and keeps its data.
 *
 * @returns the versions applied by this call
 * @throws NewerDatabaseError
 * @throws UnfitDatabaseError with one sentence that says what to do; nothing was changed
 * @throws Error naming the migration that failed; the ones before it stay applied
 */
export async function migrate(executor: SqlExecutor, migrations: MigrationFile[]): Promise<string[]> {
  const missing = await missingMigrations(executor, migrations);
  const applied: string[] = [];
  for (const migration of missing) {
    if (await applyMigration(executor, migration, migrations)) {
      applied.push(migration.version);
    }
  }
  return applied;
}

/**
 * @returns what `migrate` would apply; nothing is changed
 * @throws NewerDatabaseError, UnfitDatabaseError
 */
export async function missingMigrations(
  database: Pick<SqlRunner, 'query'>,
  migrations: MigrationFile[],
): Promise<MigrationFile[]> {
  return compareMigrations(await readRecorded(database), migrations).missing;
}

async function readRecorded(database: Pick<SqlRunner, 'query'>): Promise<RecordedMigration[]> {
  const [state] = (await database.query(RECORDED_STATE)).rows;
  if (state === undefined) {
    return [];
  }
  const name = state['has_names'] === true ? 'name' : 'null';
  try {
    const { rows } = await database.query(
      `select version, ${name} as name from supabase_migrations.schema_migrations order by version`,
    );
    return rows.map((row) => ({
      version: String(row['version']),
      name: typeof row['name'] === 'string' ? row['name'] : null,
    }));
  } catch (cause) {
    if (codeOf(cause) !== DENIED) {
      throw cause;
    }
    throw new UnfitDatabaseError(
      'The database user may not read supabase_migrations.schema_migrations: connect as the user who migrated the database.',
      { cause },
    );
  }
}

/** @returns false when another process was faster */
async function applyMigration(
  executor: SqlExecutor,
  migration: MigrationFile,
  migrations: MigrationFile[],
): Promise<boolean> {
  try {
    return await executor.transaction(
      async (runner) => {
        await runner.query('select pg_advisory_xact_lock($1::text::bigint)', [LOCK_KEY]);
        const state = compareMigrations(await readRecorded(runner), migrations);
        if (!state.missing.some(({ version }) => version === migration.version)) {
          return false;
        }
        if (state.isOfRelease01 && migration.upgradeSql !== undefined) {
          await runner.script(migration.upgradeSql);
          await forgetRelease01(runner);
        }
        await runner.script(migration.sql);
        await runner.script(BOOKKEEPING);
        await runner.query(
          `insert into supabase_migrations.schema_migrations (version, name, statements)
             values ($1::text, $2::text, array[$3::text])`,
          [migration.version, migration.name, migration.sql],
        );
        return true;
      },
      { timeoutMs: MIGRATION_TIMEOUT_MS },
    );
  } catch (cause) {
    if (cause instanceof UnfitDatabaseError) {
      throw cause;
    }
    const reason = messageOf(cause);
    throw codeOf(cause) === UNFIT
      ? new UnfitDatabaseError(reason, { cause })
      : new Error(`migration ${migration.version}_${migration.name} failed: ${reason}`, { cause });
  }
}

async function forgetRelease01(runner: SqlRunner): Promise<void> {
  await runner.query(
    `delete from supabase_migrations.schema_migrations m
       using jsonb_array_elements($1::text::jsonb) e
       where m.version = e ->> 0 and coalesce(m.name, e ->> 1) = e ->> 1`,
    [JSON.stringify(MIGRATIONS_OF_0_1)],
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
