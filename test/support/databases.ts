import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/supabase/open-database.js';
import type { TestStore } from './postgres-versions.js';

export { TEST_STORES, type TestStore } from './postgres-versions.js';

/** An empty, migrated database of a test file. */
export interface TestDatabase extends OpenDatabase {
  store: TestStore;
  /** Where it is; undefined for PGlite, which is in memory. */
  url: string | undefined;
}

/**
 * @param store `pglite` in memory, or a database of its own in a Postgres that the global set-up provides
 * @returns the database; closing it removes it
 */
export async function openTestDatabase(store: TestStore): Promise<TestDatabase> {
  if (store === 'pglite') {
    return { ...(await openDatabase({ store: { kind: 'embedded' } })), store, url: undefined };
  }
  const empty = await createEmptyDatabase(store);
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

/** @returns a database without any schema of a test Postgres, by default of the newest version */
export async function createEmptyDatabase(
  store: TestStore = 'postgres',
): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = serverOf(store);
  const name = `auzap_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database if exists ${name} with (force)`) };
}

/** @returns the address of the server of a store */
export function serverOf(store: TestStore): string {
  return inject('olderDatabaseUrls')[store] ?? inject('testDatabaseUrl');
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
