import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/supabase/open-database.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { createEmptyDatabase } from '../support/databases.js';
import { PgBouncer } from '../support/pgbouncer.js';

/** How many connections to the server all clients of a pooler share. */
const SERVERS = 2;
const LIMIT_MS = 1_500;
const SLEEP = 'select pg_sleep(60)';
const SETTINGS = `select current_setting('statement_timeout') as statement_timeout, current_setting('TimeZone') as zone`;

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
beforeAll(async () => {
  database = await createEmptyDatabase();
  // What the service must not rely on.
  await ask(
    database.url,
    `alter database ${new URL(database.url).pathname.slice(1)} set timezone = 'America/Sao_Paulo'`,
  );
});
afterAll(() => database?.drop());

async function ask(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe.each(['none', 'session', 'transaction'] as const)('with a pooler in mode: %s', (mode) => {
  let pooler: PgBouncer | undefined;
  let url: string;
  let executor: PgExecutor;

  beforeAll(async () => {
    pooler = mode === 'none' ? undefined : await PgBouncer.start(database.url, { mode, poolSize: SERVERS });
    url = pooler?.through(database.url) ?? database.url;
    executor = new PgExecutor({
      connectionString: url,
      poolSize: mode === 'transaction' ? 8 : SERVERS - 1,
      statementTimeoutMs: LIMIT_MS,
    });
  });
  afterAll(async () => {
    await executor?.close();
    await pooler?.stop();
  });

  it('has its settings in every statement and transaction', async () => {
    const expected = { statement_timeout: '1500ms', zone: 'UTC' };
    const own = { statement_timeout: '900ms', zone: 'UTC' };

    for (let round = 0; round < 4; round += 1) {
      expect((await executor.query(SETTINGS)).rows).toEqual([expected]);
      expect((await executor.query(SETTINGS, [], { timeoutMs: 900 })).rows).toEqual([own]);
      expect(await executor.transaction(async (runner) => (await runner.query(SETTINGS)).rows)).toEqual([
        expected,
      ]);
      expect(
        await executor.transaction(async (runner) => (await runner.query(SETTINGS)).rows, { timeoutMs: 900 }),
      ).toEqual([own]);
    }
  });

  it.each([
    ['a statement', () => executor.query(SLEEP)],
    ['a statement with a limit of its own', () => executor.query(SLEEP, [], { timeoutMs: 300 })],
    ['a statement with parameters', () => executor.query(`${SLEEP}, $1::text`, ['x'], { timeoutMs: 300 })],
    ['a transaction', () => executor.transaction((runner) => runner.query(SLEEP))],
    ['a script', () => executor.transaction((runner) => runner.script(SLEEP), { timeoutMs: 300 })],
  ])('has the server end %s in time', async (_name, work) => {
    await expect(work()).rejects.toMatchObject({ code: '57014' });
    expect((await executor.query('select $1::text as one', ['1'])).rows).toEqual([{ one: '1' }]);
  });

  it('gives the result of the statement alone', async () => {
    expect(
      await executor.query('select a, $1::text as b from generate_series(1, 2) a', ['x'], { timeoutMs: 900 }),
    ).toEqual({
      fields: ['a', 'b'],
      rows: [
        { a: 1, b: 'x' },
        { a: 2, b: 'x' },
      ],
      rowCount: 2,
    });
    expect(
      await executor.query('create temporary table gone () on commit drop', [], { timeoutMs: 900 }),
    ).toMatchObject({ fields: [], rows: [] });
    await expect(executor.query('select nonsense', [], { timeoutMs: 900 })).rejects.toMatchObject({
      code: '42703',
    });
    await expect(executor.query('select 1 / $1::int', ['0'], { timeoutMs: 900 })).rejects.toMatchObject({
      code: '22012',
    });
  });

  it('gives up at once what is aborted, and goes on', async () => {
    const controller = new AbortController();
    const outcome = Promise.allSettled([executor.query(SLEEP, [], { signal: controller.signal })]);
    await expect
      .poll(() =>
        ask(
          database.url,
          `select 1 from pg_stat_activity where query like '%pg_sleep(60)' and state = 'active'`,
        ),
      )
      .not.toEqual([]);

    controller.abort();

    expect(await outcome).toMatchObject([{ reason: { name: 'AbortError' } }]);
    expect((await executor.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('a pooler in transaction mode', () => {
  it('keeps nothing of it for others', async () => {
    const pooler = await PgBouncer.start(database.url, { poolSize: 1 });
    const url = pooler.through(database.url);
    const [before] = await ask(url, SETTINGS);
    const executor = new PgExecutor({ connectionString: url, statementTimeoutMs: LIMIT_MS });
    try {
      await executor.query('select 1');
      await executor.query('select $1::text', ['1'], { timeoutMs: 700 });
      await executor.transaction((runner) => runner.query('select 1'), { timeoutMs: 800 });
      await expect(executor.query('select nonsense', [], { timeoutMs: 700 })).rejects.toThrow(/nonsense/);

      expect(await ask(url, SETTINGS)).toEqual([before]);
      expect(before).toEqual({ statement_timeout: '0', zone: 'America/Sao_Paulo' });
    } finally {
      await executor.close();
      await pooler.stop();
    }
  });

  it('serves many callers over few connections, transactions whole', async () => {
    const pooler = await PgBouncer.start(database.url, { poolSize: SERVERS });
    const executors = [1, 2, 3].map(() => new PgExecutor({ connectionString: pooler.through(database.url) }));
    try {
      await executors[0]!.query('create table numbers (n int not null)');
      const work = executors.flatMap((executor, place) =>
        Array.from({ length: 20 }, (_, turn) =>
          executor.transaction(async (runner) => {
            const own = await runner.query('select pg_backend_pid() as pid');
            await runner.query('insert into numbers values ($1::text::int)', [String(place * 20 + turn)]);
            const later = await runner.query('select pg_backend_pid() as pid');
            expect(later.rows).toEqual(own.rows);
            return Number(own.rows[0]!['pid']);
          }),
        ),
      );

      expect(new Set(await Promise.all(work)).size).toBeLessThanOrEqual(SERVERS);

      const { rows } = await executors[1]!.query('select count(distinct n)::int as n from numbers');
      expect(rows).toEqual([{ n: 60 }]);
    } finally {
      await Promise.all(executors.map((executor) => executor.close()));
      await pooler.stop();
    }
  });
});

it('says what to do about a pooler that takes no transactions, and changes nothing', async () => {
  const pooler = await PgBouncer.start(database.url, { mode: 'statement' });
  try {
    await expect(
      openDatabase({ store: { kind: 'postgres', connectionString: pooler.through(database.url) } }),
    ).rejects.toThrow(/takes no transactions \(pool_mode=statement\): set it to transaction or session\.$/);
    expect(
      await ask(database.url, `select 1 from pg_namespace where nspname = 'supabase_migrations'`),
    ).toEqual([]);
  } finally {
    await pooler.stop();
  }
});
