import { beforeAll, describe, expect, it } from 'vitest';
import {
  findMigrationsFolder,
  type MigrationFile,
  readMigrations,
} from '../../src/supabase/migration-files.js';
import { MIGRATIONS_OF_0_1 } from '../../src/supabase/migrations-of-0-1.js';
import { migrate } from '../../src/supabase/migrator.js';
import type { SqlExecutor } from '../../src/supabase/sql-executor.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { serverOf, SQL_STORES } from '../support/databases.js';
import { makeProjectDatabase, type ProjectAge } from '../support/hosted/project-database.js';
import { findRelations } from './catalog.js';
import { openedInTests } from './empty-executor.js';
import { makeRelease01, migrationsOfRelease01 } from './legacy/release-0-1.js';
import { addRowsOf } from './populate.js';
import { wholeCatalog } from './whole-catalog.js';

let migrations: MigrationFile[];

beforeAll(async () => {
  migrations = await readMigrations(findMigrationsFolder());
});

const openEmpty = openedInTests();

// Release 0.1 does not start on Postgres 15, so there is none of its databases.
const STORES = SQL_STORES.filter((store) => store !== 'postgres-15');
/** What messages and notes are beside their text. */
const EXTRAS = {
  type: 'text',
  metadata: null,
  reply_to: null,
  mentions: null,
  is_forwarded: false,
  is_view_once: false,
  edited_at: null,
  deleted_at: null,
  secret: null,
};

/** Columns that came later, empty where a row is older, or made from what it has. */
const LATER: Readonly<Record<string, object>> = {
  api_keys: { created_by: null },
  audit_log: { call_id: null },
  bookings: {
    title: null,
    notes: null,
    starts_at: null,
    ends_at: null,
    idempotency_key: null,
    request_hash: null,
    person_id: null,
    reason: null,
    service_id: null,
    service: null,
  },
  contacts: { merged_into: null, read_until: 1 },
  erasures: { merged_ids: [] },
  messages: {
    ...EXTRAS,
    change_of: null,
    group_id: null,
    reason: null,
    payload: null,
    request: null,
    sender_lid: null,
    sender_name: null,
    sender_phone: null,
    status_at: null,
  },
  notes: { ...EXTRAS, created_by: null },
  webhook_deliveries: {
    chat_key: '',
    claimed_by: null,
    first_attempt_at: null,
    is_next: false,
    response_body: null,
    tries: [],
  },
  webhook_endpoints: {
    description: '',
    failing_since: null,
    former_secret_expires_at: null,
    instance_id: null,
    pause_reason: null,
    paused_at: null,
    redrive_after: null,
    redrive_until: null,
  },
  whatsapp_instances: {
    logout_requested_at: null,
    logout_expires_at: null,
    logout_ended_at: null,
    logout_result: null,
    resumes: 'by_itself',
    history_policy: 'store',
    restriction: null,
    group_policy: 'ignore',
  },
};

describe.each(STORES)('a database of release 0.1 on %s', (store) => {
  const open = () => openEmpty(store);

  it('takes the baseline, keeps its rows, and is like a new one then', async () => {
    const executor = await open();
    await makeRelease01(executor);
    const { relations, rowsOf } = await tablesOf(executor);
    await addRowsOf({ query: queryOf(executor) }, relations, 'org-old');
    const before = await rowsOf();
    const fresh = await open();
    await migrate(fresh, migrations);

    const applied = await migrate(executor, migrations);

    expect(applied).toEqual(migrations.map(({ version }) => version));
    expect(await wholeCatalog(executor)).toEqual(await wholeCatalog(fresh));
    expect(Object.values(before).filter((rows) => rows.length === 0)).toEqual([]);
    expect(await rowsOf()).toEqual(
      Object.fromEntries(
        Object.entries(before).map(([table, rows]) => [
          table,
          rows.map((row) => ({ ...row, ...LATER[table] })),
        ]),
      ),
    );
    const { rows } = await executor.query(
      'select version, name from supabase_migrations.schema_migrations order by 1',
    );
    expect(rows).toEqual(migrations.map(({ version, name }) => ({ version, name })));
    expect(await migrate(executor, migrations)).toEqual([]);
  });
});

describe.each(STORES.filter((store) => store !== 'pglite'))('a server with release 0.1 on %s', (store) => {
  const open = () => openEmpty(store);

  it('takes the baseline once, whoever starts at the same time, and keeps the records of others', async () => {
    const executor = await open();
    await makeRelease01(executor);
    const foreign = { version: '20250101000000', name: 'products' };
    await executor.query(
      'insert into supabase_migrations.schema_migrations (version, name) values ($1::text, $2::text)',
      [foreign.version, foreign.name],
    );

    const applied = await Promise.all([migrate(executor, migrations), migrate(executor, migrations)]);

    expect(applied.flat().toSorted()).toEqual(migrations.map(({ version }) => version));
    const { rows } = await executor.query(
      'select version from supabase_migrations.schema_migrations order by 1',
    );
    expect(rows.map(({ version }) => version)).toEqual([
      foreign.version,
      ...migrations.map(({ version }) => version),
    ]);
  });

  it.each([1, 20, MIGRATIONS_OF_0_1.length - 1])('is left alone with %i of its migrations', async (count) => {
    const executor = await open();
    await makeRelease01(executor, count);
    const before = await wholeCatalog(executor);

    await expect(migrate(executor, migrations)).rejects.toThrow(
      new RegExp(`has ${count} of the 43 migrations of release 0.1: start release 0.1.0 with it once, or`),
    );

    expect(await wholeCatalog(executor)).toEqual(before);
  });
});

describe.each<ProjectAge>(['old', 'new'])('a Supabase project of the %s kind with release 0.1', (age) => {
  it('takes the baseline from its owner, who is no superuser, and gives back what it took from later objects', async () => {
    const [project, fresh] = await Promise.all([
      makeProjectDatabase(serverOf('postgres'), age),
      makeProjectDatabase(serverOf('postgres'), age),
    ]);
    const [executor, other] = [project, fresh].map(
      ({ ownerUrl }) => new PgExecutor({ connectionString: ownerUrl, poolSize: 2 }),
    ) as [PgExecutor, PgExecutor];
    try {
      await makeRelease01(executor);
      await migrate(executor, migrations);
      await migrate(other, migrations);

      // Old projects had granted it to everybody; new ones grant nothing, and so does one that had 0.1.
      const isKept = (line: string) => !/^default privilege: .* (anon|authenticated) /.test(line);
      expect((await wholeCatalog(executor)).filter(isKept)).toEqual(
        (await wholeCatalog(other)).filter(isKept),
      );
    } finally {
      await executor.close();
      await other.close();
      await project.drop();
      await fresh.drop();
    }
  });
});

describe('the migrations of release 0.1', () => {
  it('are those that the service knows', async () => {
    const made = await migrationsOfRelease01();

    expect(made.map(({ version, name }) => [version, name])).toEqual(MIGRATIONS_OF_0_1);
  });
});

function queryOf(executor: SqlExecutor) {
  return async <T>(text: string, values: unknown[] = []) => {
    const { rows } = await executor.query(text, values as (string | null)[]);
    return { rows: rows as T[] };
  };
}

async function tablesOf(executor: SqlExecutor) {
  const relations = await findRelations({ query: queryOf(executor) });
  const rowsOf = async () => {
    const all: Record<string, Record<string, unknown>[]> = {};
    for (const { name } of relations) {
      const { rows } = await executor.query(`select to_jsonb(t) as row from public."${name}" t order by 1`);
      all[name] = rows.map(({ row }) => row as Record<string, unknown>);
    }
    return all;
  };
  return { relations, rowsOf };
}
