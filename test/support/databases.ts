import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/supabase/open-database.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { onServer } from './migrated-copies.js';
import { migratedDump } from './migrated-copy.js';
import type { HostedProject } from './hosted/hosted-project.js';
import { startMigratedProject } from './hosted/migrated-project.js';
import { PgBouncer } from './pgbouncer.js';
import { TEST_STORES, type TestStore } from './postgres-versions.js';
import type {} from './provided-context.js';

export { TEST_STORES, type TestStore } from './postgres-versions.js';

/** Those of the stores that take SQL from this process. */
export const SQL_STORES = TEST_STORES.filter((store) => store !== 'hosted');

/** An empty, migrated database of a test file. */
export interface TestDatabase extends OpenDatabase {
  store: TestStore;
  /** Where it is; undefined for PGlite, which is in memory. */
  url: string | undefined;
  /** What is between the client and the database, where that is HTTP. */
  project?: HostedProject;
}

/**
 * @param store `pglite` in memory, or a database of its own in a Postgres that the global set-up provides; `pgbouncer`
 *   is the newest behind a pooler in transaction mode, `hosted` is
 *   reached by HTTP as a Supabase project is, but for `sql`, which is the superuser's
 * @returns the database; closing it removes it
 * @throws UnruledRequestsError when it is closed, if `hosted` was sent what it has no rule for
 */
export async function openTestDatabase(store: TestStore): Promise<TestDatabase> {
  if (store === 'pglite') {
    const dump = await migratedDump();
    return { ...(await openDatabase({ store: { kind: 'embedded', dump } })), store, url: undefined };
  }
  if (store === 'hosted') {
    return openHostedDatabase();
  }
  const empty = await createEmptyDatabase(store, inject('migratedCopies')?.template);
  const database = await openDatabase({ store: { kind: 'postgres', connectionString: empty.url } });
  return {
    ...database,
    store,
    url: empty.url,
    close: async () => {
      await database.close();
      await empty.drop();
    },
  };
}

async function openHostedDatabase(): Promise<TestDatabase> {
  const made = await startMigratedProject(inject('testDatabaseUrl'), { roundTripMs: 1 });
  const { project, database: where, migrated } = made;
  const admin = new PgExecutor({ connectionString: where.adminUrl });
  const { client, close } = await openDatabase({
    store: { kind: 'supabase', url: project.url, serviceRoleKey: project.keys.secret },
  });
  return {
    client,
    migrated,
    sql: (text, params, options) => admin.query(text, params, options),
    transaction: (work, options) => admin.transaction(work, options),
    store: 'hosted',
    url: where.adminUrl,
    project,
    close: async () => {
      await close();
      await admin.close();
      await made.close();
    },
  };
}

/** @returns what a process of the service is told about the database, which is not PGlite */
export function environmentOf({ project, url }: TestDatabase): Record<string, string> {
  return project?.environment ?? { DATABASE_URL: url! };
}

/** @returns a database of a test Postgres with all tables */
export function createMigratedDatabase(): ReturnType<typeof createEmptyDatabase> {
  return createEmptyDatabase('postgres', inject('migratedCopies')?.template);
}

/**
 * @param template what it is a copy of; by default it has no schema
 * @returns a database of a test Postgres, by default of the newest version, through a pooler where the store is one
 */
export async function createEmptyDatabase(
  store: TestStore = 'postgres',
  template?: string,
): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = serverOf(store);
  const name = `auzap_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `create database ${name}${template === undefined ? '' : ` template ${template}`}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const drop = () => onServer(server, `drop database if exists ${name} with (force)`);
  if (store !== 'pgbouncer') {
    return { url: url.href, drop };
  }
  const pooler = await PgBouncer.start(server);
  return {
    url: pooler.through(url.href),
    drop: async () => {
      await pooler.stop();
      await drop();
    },
  };
}

/** @returns the address of the server of a store */
export function serverOf(store: TestStore): string {
  return inject('olderDatabaseUrls')[store] ?? inject('testDatabaseUrl');
}
