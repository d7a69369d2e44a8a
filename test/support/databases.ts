import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/supabase/open-database.js';

/** The two databases on which every repository test runs. */
export type TestStore = 'pglite' | 'postgres';
export const TEST_STORES: TestStore[] = ['pglite', 'postgres'];

/** An empty, migrated database of a test file. */
export interface TestDatabase extends OpenDatabase {
  store: TestStore;
  /** Where it is; undefined for PGlite, which is in memory. */
  url: string | undefined;
}

/**
 * @param store `pglite` in memory, or a database of its own in the Postgres that the global set-up provides
 * @returns the database; closing it removes it
 */
export async function openTestDatabase(store: TestStore): Promise<TestDatabase> {
  if (store === 'pglite') {
    return { ...(await openDatabase({ store: { kind: 'embedded' } })), store, url: undefined };
  }
  const empty = await createEmptyDatabase();
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

/** @returns a database of the test Postgres without any schema */
export async function createEmptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = inject('testDatabaseUrl');
  const name = `auzap_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database if exists ${name} with (force)`) };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 60_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
