import type { MigrationFile } from './migration-files.js';
import type { SqlExecutor, SqlRunner } from './sql-executor.js';

/** The database was migrated by a newer version of this service. */
export class NewerDatabaseError extends Error {
  /** @param versions recorded migrations that this code does not have */
  constructor(readonly versions: string[]) {
    super(
      `The database has migrations that this version of the service does not know (${versions.join(', ')}). ` +
        'Start the version that made them, or a newer one.',
    );
    this.name = 'NewerDatabaseError';
  }
}

/** Any number, the same in every process of this service. */
const LOCK_KEY = '4706981325';
const MIGRATION_TIMEOUT_MS = 300_000;

const BOOKKEEPING = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key,
    statements text[],
    name text
  );`;

/**
 * Applies what is missing, each migration in a transaction with its record. Several processes may do so at once.
 *
 * @returns the versions applied by this call
 * @throws NewerDatabaseError
 * @throws Error naming the migration that failed; the ones before it stay applied
 */
export async function migrate(executor: SqlExecutor, migrations: MigrationFile[]): Promise<string[]> {
  const known = new Set(migrations.map((migration) => migration.version));
  const recorded = await recordedVersions(executor);
  const unknown = recorded.filter((version) => !known.has(version));
  if (unknown.length > 0) {
    throw new NewerDatabaseError(unknown);
  }
  const applied: string[] = [];
  for (const migration of migrations.filter(({ version }) => !recorded.includes(version))) {
    if (await applyMigration(executor, migration)) {
      applied.push(migration.version);
    }
  }
  return applied;
}

async function recordedVersions(executor: SqlExecutor): Promise<string[]> {
  const table = await executor.query(
    `select to_regclass('supabase_migrations.schema_migrations') is not null as is_there`,
  );
  if (table.rows[0]?.['is_there'] !== true) {
    await executor.transaction(
      async (runner) => {
        await lock(runner);
        await runner.script(BOOKKEEPING);
      },
      { timeoutMs: MIGRATION_TIMEOUT_MS },
    );
  }
  const { rows } = await executor.query(
    'select version from supabase_migrations.schema_migrations order by version',
  );
  return rows.map((row) => String(row['version']));
}

/** @returns false when another process was faster */
async function applyMigration(executor: SqlExecutor, migration: MigrationFile): Promise<boolean> {
  try {
    return await executor.transaction(
      async (runner) => {
        await lock(runner);
        const record = await runner.query(
          `insert into supabase_migrations.schema_migrations (version, name, statements)
             values ($1::text, $2::text, array[$3::text]) on conflict do nothing returning version`,
          [migration.version, migration.name, migration.sql],
        );
        if (record.rows.length === 0) {
          return false;
        }
        await runner.script(migration.sql);
        return true;
      },
      { timeoutMs: MIGRATION_TIMEOUT_MS },
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`migration ${migration.version}_${migration.name} failed: ${reason}`, { cause });
  }
}

async function lock(runner: SqlRunner): Promise<void> {
  await runner.query('select pg_advisory_xact_lock($1::text::bigint)', [LOCK_KEY]);
}
