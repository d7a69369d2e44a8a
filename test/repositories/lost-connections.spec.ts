import { expect, it } from 'vitest';
import { openTestDatabase } from '../support/databases.js';

it('survives that Postgres ends connections in use, and goes on with new ones', async () => {
  const database = await openTestDatabase('postgres');
  try {
    const victims = Array.from({ length: 3 }, () => database.sql('select pg_sleep(30)'));
    const outcomes = Promise.allSettled(victims);
    const sleeping = `select pid from pg_stat_activity where datname = current_database() and query like '%pg_sleep(30)%'
      and pid <> pg_backend_pid()`;
    await expect.poll(async () => (await database.sql(sleeping)).rows.length).toBe(3);
    await database.sql(`select pg_terminate_backend(pid) from (${sleeping}) victims`);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await database.sql('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await database.close();
  }
});
