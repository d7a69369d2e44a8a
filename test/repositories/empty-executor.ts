import { afterEach } from 'vitest';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { PgliteExecutor } from '../../src/supabase/pglite-executor.js';
import type { SqlExecutor } from '../../src/supabase/sql-executor.js';
import { createEmptyDatabase, type TestStore } from '../support/databases.js';

/** An open database without any schema. */
export interface EmptyExecutor {
  executor: SqlExecutor;
  /** Closes it and removes the database. */
  remove: () => Promise<void>;
}

/** @returns a database of a store, not migrated */
export async function openEmptyExecutor(store: TestStore): Promise<EmptyExecutor> {
  if (store === 'pglite') {
    const executor = await PgliteExecutor.open(undefined);
    return { executor, remove: () => executor.close() };
  }
  const empty = await createEmptyDatabase(store);
  const executor = new PgExecutor({ connectionString: empty.url, poolSize: 3 });
  return {
    executor,
    remove: async () => {
      await executor.close();
      await empty.drop();
    },
  };
}

/**
 * Removes what the tests of a file have opened after each of them.
 * @returns opens a database of a store
 */
export function openedInTests(): (store: TestStore) => Promise<SqlExecutor> {
  let opened: EmptyExecutor[] = [];
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.remove()));
    opened = [];
  });
  return async (store) => {
    const one = await openEmptyExecutor(store);
    opened.push(one);
    return one.executor;
  };
}
