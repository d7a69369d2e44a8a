import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  findMigrationsFolder,
  type MigrationFile,
  readMigrations,
} from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { serverOf, TEST_STORES } from '../support/databases.js';
import {
  makeProjectDatabase,
  type ProjectAge,
  type ProjectDatabase,
} from '../support/hosted/project-database.js';
import { wholeCatalog } from './whole-catalog.js';

/** An application that was there first; its tables and functions are open to whoever the project says. */
const APPLICATION = `
  create schema app;
  create table public.products (id bigint generated always as identity primary key, name text);
  grant select on public.products to anon;
  grant select, insert, update, delete on public.products to authenticated;
  create function public.price_of(product bigint) returns int language sql return 1;
  grant execute on function public.price_of(bigint) to anon, authenticated;
  create function app.tax() returns int language sql return 7;
  create view public.cheap_products as select id from public.products;
  create schema supabase_migrations;
  create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
  insert into supabase_migrations.schema_migrations (version, name) values
    ('20240101000000', 'products'), ('20260101000000', null);`;

/** What the application makes later, and what others may do with it then. */
const LATER = `
  create table public.orders (id bigint generated always as identity primary key);
  create function public.total() returns int language sql return 1;
  create function app.discount() returns int language sql return 1;`;

const NAMES = 'products|cheap_products|price_of|tax|orders|total|discount';

let migrations: MigrationFile[];

beforeAll(async () => {
  migrations = await readMigrations(findMigrationsFolder());
});

const SERVERS = TEST_STORES.filter((store) => store !== 'pglite');
const PROJECTS = SERVERS.flatMap((store) => (['old', 'new'] as ProjectAge[]).map((age) => ({ store, age })));

describe.each(PROJECTS)(
  'a project of the $age kind with another application, on $store',
  ({ store, age }) => {
    let database: ProjectDatabase;
    let executor: PgExecutor;

    beforeEach(async () => {
      database = await makeProjectDatabase(serverOf(store), age);
      executor = new PgExecutor({ connectionString: database.ownerUrl, poolSize: 2 });
    });
    afterEach(async () => {
      await executor.close();
      await database.drop();
    });

    const make = (sql: string) => executor.transaction((runner) => runner.script(sql));

    /** Its lines of the catalog, and what is granted on later objects. */
    async function rowsNow(): Promise<string[]> {
      const { rows } = await executor.query(
        `select format('%s %s', f.proname, coalesce(f.proacl, acldefault('f', f.proowner))) as line
         from pg_proc f where f.pronamespace = to_regnamespace('app') order by 1`,
      );
      const lines = [...(await wholeCatalog(executor)), ...rows.map(({ line }) => String(line))];
      return lines.filter((line) => new RegExp(`default privilege|\\b(${NAMES})\\b`).test(line));
    }

    it('lets it keep every right, and get those of later', async () => {
      await make(APPLICATION);
      await make(LATER);
      const before = await rowsNow();
      await make('drop table public.orders; drop function public.total(); drop function app.discount();');

      await migrate(executor, migrations);
      await make(LATER);

      expect(await rowsNow()).toEqual(before);
      const { rows } = await executor.query(
        'select version from supabase_migrations.schema_migrations order by 1',
      );
      expect(rows.map(({ version }) => version)).toEqual(
        ['20240101000000', '20260101000000', ...migrations.map(({ version }) => version)].toSorted(),
      );
      expect(await migrate(executor, migrations)).toEqual([]);
    });

    it.each([
      ['tables', 'create table public.notes (id int); create table public.events (id int)', 'events, notes'],
      ['a view', 'create view public.contacts as select 1 as id', 'contacts'],
      [
        'an index',
        'create table public.x (id int); create index idx_inbox_dead on public.x (id)',
        'idx_inbox_dead',
      ],
      ['a type', `create type public.messages as enum ('a')`, 'messages'],
      [
        'a function',
        'create function public.touch_updated_at() returns int language sql return 1',
        'touch_updated_at\\(\\)',
      ],
    ])('refuses %s under a name that it needs, and changes nothing', async (_, taken, names) => {
      await make(APPLICATION);
      await make(taken);
      const before = await wholeCatalog(executor);

      await expect(migrate(executor, migrations)).rejects.toThrow(
        new RegExp(
          `^The schema public has something of another application under names .* \\(${names}\\)\\. Take`,
        ),
      );

      expect(await wholeCatalog(executor)).toEqual(before);
    });

    it('opens nothing of its own to anybody', async () => {
      await migrate(executor, migrations);

      const { rows } = await executor.query(
        `select f.oid::regprocedure::text as name from pg_proc f
         where f.pronamespace = 'public'::regnamespace and f.proname <> 'my_organizations'
           and (has_function_privilege('anon', f.oid, 'execute') or has_function_privilege('authenticated', f.oid, 'execute')
             or not has_function_privilege('service_role', f.oid, 'execute'))
       union all
       select c.relname from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'S') and (
           has_table_privilege('anon', c.oid, 'select, insert, update, delete, truncate, references, trigger')
           or has_table_privilege('authenticated', c.oid, 'insert, update, delete, truncate, references, trigger'))`,
      );

      expect(rows).toEqual([]);
    });
  },
);

describe('a database without another application', () => {
  it('tells its own tables from those of a stranger by what the first migration made', async () => {
    const database = await makeProjectDatabase(serverOf('postgres'));
    const admin = new pg.Client({ connectionString: database.adminUrl });
    const executor = new PgExecutor({ connectionString: database.ownerUrl, poolSize: 2 });
    await admin.connect();
    try {
      await migrate(executor, migrations);
      await admin.query('drop schema supabase_migrations cascade');

      expect(await migrate(executor, migrations)).toEqual(migrations.map(({ version }) => version));
    } finally {
      await admin.end();
      await executor.close();
      await database.drop();
    }
  });
});
