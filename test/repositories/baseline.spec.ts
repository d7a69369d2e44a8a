import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  findMigrationsFolder,
  type MigrationFile,
  readMigrations,
} from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import { SQL_STORES, type TestStore } from '../support/databases.js';
import { statementsOf } from '../support/sql-statements.js';
import { openedInTests, openEmptyExecutor } from './empty-executor.js';
import { wholeCatalog } from './whole-catalog.js';

let migrations: MigrationFile[];
let statements: string[];

beforeAll(async () => {
  migrations = await readMigrations(findMigrationsFolder());
  statements = statementsOf(migrations[0]!.sql);
});
const openEmpty = openedInTests();

/** What migrations make on a store. */
async function catalogOf(store: TestStore): Promise<string[]> {
  const { executor, remove } = await openEmptyExecutor(store);
  try {
    await migrate(executor, migrations);
    return await wholeCatalog(executor);
  } finally {
    await remove();
  }
}

describe.each(SQL_STORES)('the baseline on %s', (store) => {
  let migrated: string[];
  const open = () => openEmpty(store);

  beforeAll(async () => {
    migrated = await catalogOf(store);
  });

  it('makes with the later migrations what the files of the schema make', async () => {
    const folder = join(dirname(findMigrationsFolder()), 'schema');
    const executor = await open();

    for (const name of (await readdir(folder)).sort()) {
      const sql = await readFile(join(folder, name), 'utf8');
      await executor.transaction((runner) => runner.script(sql));
    }

    const schemas = (line: string) => !line.startsWith('schemas: ');
    expect(migrated.length).toBeGreaterThan(1000);
    expect((await wholeCatalog(executor)).filter(schemas)).toEqual(migrated.filter(schemas));
  });

  it('changes nothing when it runs again', async () => {
    const executor = await open();
    await migrate(executor, migrations);

    for (const { sql } of migrations) {
      await executor.transaction((runner) => runner.script(sql));
    }

    expect(await wholeCatalog(executor)).toEqual(migrated);
  });

  it('tells which migrations were applied', async () => {
    const executor = await open();
    const ask = async () =>
      (await executor.query(`select public.schema_versions('{}') as told`)).rows[0]?.['told'];
    await executor.transaction((runner) => runner.script(statements.join('\n')));
    const before = await ask();

    await migrate(executor, migrations);

    expect(before).toEqual([]);
    expect(await ask()).toEqual(migrations.map(({ version, name }) => [version, name]));
  });
});

describe.each(SQL_STORES.filter((store) => store !== 'pglite'))(
  'the baseline, interrupted on %s',
  (store) => {
    let migrated: string[];
    const open = () => openEmpty(store);

    beforeAll(async () => {
      migrated = await catalogOf(store);
    });

    it.each([1, 2, 8, 40, 120, 260, -1])(
      'is completed when only %i statements of it were run',
      async (count) => {
        const executor = await open();
        for (const statement of statements.slice(0, count)) {
          await executor.transaction((runner) => runner.script(statement));
        }

        await migrate(executor, migrations);

        expect(statements.length).toBeGreaterThan(300);
        expect(await wholeCatalog(executor)).toEqual(migrated);
      },
    );

    it('leaves nothing behind when its connection ends in the middle', async () => {
      const executor = await open();
      const before = await wholeCatalog(executor);
      const half = statements.slice(0, 150).join('\n');
      const killed = { ...migrations[0]!, sql: `${half} select pg_terminate_backend(pg_backend_pid());` };

      await expect(migrate(executor, [killed])).rejects.toThrow(/20251201000000_auzap_baseline failed/);

      expect(await wholeCatalog(executor)).toEqual(before);
      await migrate(executor, migrations);
      expect(await wholeCatalog(executor)).toEqual(migrated);
    });
  },
);
