import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { AppError } from '../../src/common/app-error.js';
import { DatabaseRejectedError } from '../../src/repositories/database-rejected-error.js';
import { DatabaseUnavailableError } from '../../src/repositories/database-unavailable-error.js';
import { FencedError } from '../../src/repositories/fenced-error.js';
import { answerOf, answerOrNullOf } from '../../src/repositories/supabase-error.js';
import type { Json } from '../../src/supabase/database.types.js';
import { createHostedFetch, HOSTED_BOUNDS } from '../../src/supabase/hosted-fetch.js';
import { clientOver } from '../../src/supabase/open-database.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { PgliteExecutor } from '../../src/supabase/pglite-executor.js';
import { newClient, withHonestAnswers } from '../../src/supabase/project-client.js';
import type { SqlExecutor } from '../../src/supabase/sql-executor.js';
import type { DatabaseClient, JsonFunction } from '../../src/supabase/supabase-client.js';
import { createEmptyDatabase, TEST_STORES, type TestStore } from '../support/databases.js';
import { HostedProject } from '../support/hosted/hosted-project.js';
import { makeProjectDatabase } from '../support/hosted/project-database.js';

const SCHEMA = `
  create table public.kept (id int primary key);
  create function public.echo(p jsonb) returns jsonb language sql as 'select p';
  create function public.twice(p jsonb) returns jsonb language sql as $$ select jsonb_build_array(p, p) $$;
  create function public.nothing(p jsonb) returns jsonb language sql as 'select null::jsonb';
  create function public.fail(p jsonb) returns jsonb language plpgsql as $$
    begin
      raise exception using errcode = p ->> 'state', message = coalesce(p ->> 'message', 'no way'),
        detail = coalesce(p ->> 'detail', ''), hint = 'do not';
    end $$;
  create function public.keep(p jsonb) returns jsonb language plpgsql security definer as $$
    begin
      insert into public.kept values ((p ->> 'id')::int);
      if p ? 'state' then
        raise exception using errcode = p ->> 'state';
      end if;
      return p;
    end $$;
  create function public.kept_rows(p jsonb) returns jsonb language sql stable security definer as
    'select jsonb_agg(k.id order by k.id) from public.kept k';
  create function public.calls_nobody(p jsonb) returns jsonb language plpgsql as
    $$ begin return public.nobody(p); end $$;
  create function public.sleep(p jsonb) returns jsonb language sql as
    $$ select to_jsonb(pg_sleep((p ->> 'seconds')::float8)::text) $$;
`;
const FUNCTIONS = ['echo', 'twice', 'nothing', 'fail', 'keep', 'kept_rows', 'calls_nobody', 'sleep'];
/** As a project has its functions: nobody's but the service's. */
const GRANTS = FUNCTIONS.map((name) => {
  const signature = `public.${name}(jsonb)`;
  return `revoke execute on function ${signature} from public; grant execute on function ${signature} to service_role;`;
}).join('\n');

/** The same functions, called in one of the two ways. */
interface Caller {
  client: DatabaseClient;
  /** With a bound for each call, in ms. */
  hastyClient(timeoutMs: number): DatabaseClient;
  /** As the superuser, over connections of its own where there are several. */
  sql: SqlExecutor['query'];
  close(): Promise<void>;
}

async function openCaller(store: TestStore): Promise<Caller> {
  if (store === 'hosted') {
    return openHosted();
  }
  if (store === 'pglite') {
    const executor = await PgliteExecutor.open(undefined);
    await executor.transaction((runner) => runner.script(SCHEMA));
    return {
      client: clientOver(executor),
      hastyClient: (timeoutMs) => clientOver(executor, timeoutMs),
      sql: (text, params) => executor.query(text, params),
      close: () => executor.close(),
    };
  }
  const database = await createEmptyDatabase(store);
  const executor = new PgExecutor({ connectionString: database.url, poolSize: 3 });
  const admin = new PgExecutor({ connectionString: database.url, poolSize: 1 });
  await admin.transaction((runner) => runner.script(SCHEMA));
  return {
    client: clientOver(executor),
    hastyClient: (timeoutMs) => clientOver(executor, timeoutMs),
    sql: (text, params) => admin.query(text, params),
    close: async () => {
      await executor.close();
      await admin.close();
      await database.drop();
    },
  };
}

async function openHosted(): Promise<Caller> {
  const database = await makeProjectDatabase(inject('testDatabaseUrl'));
  const owner = new PgExecutor({ connectionString: database.ownerUrl, poolSize: 1 });
  await owner.transaction((runner) => runner.script(`${SCHEMA}\n${GRANTS}`));
  await owner.close();
  const admin = new PgExecutor({ connectionString: database.adminUrl, poolSize: 1 });
  const project = await HostedProject.start({ authenticatorUrl: database.authenticatorUrl, roundTripMs: 0 });
  const clientOf = (silenceMs: number) => {
    const hosted = createHostedFetch({ ...HOSTED_BOUNDS, silenceMs });
    closing.push(hosted.close);
    return newClient(project.url, project.keys.secret, withHonestAnswers(hosted.fetch));
  };
  const closing: (() => Promise<void>)[] = [];
  return {
    client: clientOf(15_000),
    hastyClient: clientOf,
    sql: (text, params) => admin.query(text, params),
    close: async () => {
      await Promise.all(closing.map((close) => close()));
      await project.close();
      await admin.close();
      await database.drop();
    },
  };
}

const call = (client: DatabaseClient, name: string, p: Json) =>
  answerOrNullOf(client.rpc(name as JsonFunction, { p }));

/** What the caller is told, without the words that differ. */
async function faultOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return { value: await work };
  } catch (error) {
    if (error instanceof DatabaseRejectedError) {
      return { rejected: error.sqlState, detail: error.detail };
    }
    if (error instanceof DatabaseUnavailableError) {
      const { httpStatus, answerCode, refusesUs } = error;
      return { unavailable: answerCode, httpStatus, refusesUs };
    }
    if (error instanceof FencedError) {
      return { fenced: error.instanceIds };
    }
    return error instanceof AppError ? { code: error.code, message: error.message } : { odd: String(error) };
  }
}

describe.each([...new Set<TestStore>([...TEST_STORES, 'pgbouncer'])])('calls of functions on %s', (store) => {
  let caller: Caller;
  let client: DatabaseClient;

  beforeAll(async () => {
    caller = await openCaller(store);
    ({ client } = caller);
  });
  afterAll(() => caller?.close());

  it.each<[string, Json]>([
    ['an object', { a: [1, { b: null }], c: true }],
    ['an empty object', {}],
    ['a list', [1, 'two', null]],
    ['an empty list', []],
    ['a text', 'text'],
    ['an empty text', ''],
    ['a text that reads like JSON', '{"a":1}'],
    ['words of several scripts', 'Olá, 世界 👩‍👩‍👧 \u200f"quoted" \\ \n\t\u0001'],
    ['zero', 0],
    ['a fraction', -1.5],
    ['the largest whole number', Number.MAX_SAFE_INTEGER],
    ['a large number', 1e300],
    ['false', false],
    ['much', 'x'.repeat(1_000_000)],
  ])('gives back %s', async (_what, value) => {
    expect(await call(client, 'echo', value)).toEqual(value);
    // Where it has nothing to say, that is an answer like any other.
    expect(await call(client, 'twice', value)).toEqual([value, value]);
  });

  it('tells null from a value, and leaves out what is undefined', async () => {
    expect(await call(client, 'echo', null)).toBeNull();
    expect(await call(client, 'nothing', {})).toBeNull();
    expect(await call(client, 'echo', { a: undefined, b: 1 })).toEqual({ b: 1 });
    const missing = answerOf(client.rpc('nothing' as JsonFunction, { p: {} }));
    expect(await faultOf(missing)).toMatchObject({ unavailable: '', httpStatus: 200 });
  });

  it('answers many at the same time, each with its own', async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    expect(await Promise.all(numbers.map((n) => call(client, 'echo', n)))).toEqual(numbers);
  });

  it.each<[string, Json, unknown]>([
    ['fail', { state: 'AZ001', detail: '["a","b"]' }, { fenced: ['a', 'b'] }],
    ['fail', { state: 'AZ002' }, { rejected: 'AZ002', detail: 'no way' }],
    ['fail', { state: 'AZ404' }, { code: 'not_found' }],
    ['fail', { state: 'AZ409' }, { code: 'organization_closed' }],
    ['fail', { state: 'AZ410', message: 'too_many_members' }, { code: 'too_many_members' }],
    ['fail', { state: 'AZ403', message: 'not_held' }, { code: 'not_held' }],
    ['fail', { state: 'P0001' }, { rejected: 'P0001', detail: '' }],
    ['fail', { state: '42501' }, { rejected: '42501', detail: 'no way' }],
    ['fail', { state: '23505' }, { rejected: '23505', detail: 'no way' }],
    ['fail', { state: '40001' }, { unavailable: '40001', httpStatus: 500, refusesUs: false }],
    ['fail', { state: '53100' }, { unavailable: '53100', httpStatus: 503, refusesUs: false }],
    ['fail', { state: '57014' }, { unavailable: '57014', httpStatus: 500, refusesUs: false }],
    ['fail', { state: '25006' }, { unavailable: '25006', httpStatus: 405, refusesUs: false }],
    ['fail', { state: '26000' }, { rejected: '26000', detail: '' }],
    ['fail', { state: '42P05' }, { rejected: '42P05', detail: 'no way' }],
    ['keep', { id: 'x' }, { rejected: '22P02', detail: '' }],
    ['echo', 'nul \u0000', { rejected: '22P05', detail: '' }],
    ['echo', 'half \ud800', { rejected: '22P02', detail: '' }],
    ['nobody', {}, { unavailable: 'PGRST202', httpStatus: 404, refusesUs: true }],
    ['calls_nobody', {}, { rejected: '42883', detail: 'function public.nobody(jsonb) does not exist' }],
  ])('says of %s(%j) what it means', async (name, p, fault) => {
    expect(await faultOf(call(client, name, p))).toMatchObject(fault as object);
    // And goes on.
    expect(await call(client, 'echo', 1)).toBe(1);
  });

  it('keeps what a call did, all of it or nothing', async () => {
    await call(client, 'keep', { id: 1 });
    expect(await faultOf(call(client, 'keep', { id: 2, state: 'AZ404' }))).toEqual({
      code: 'not_found',
      message: expect.any(String) as string,
    });
    expect(await faultOf(call(client, 'keep', { id: 1 }))).toMatchObject({ rejected: '23505' });

    expect(await call(client, 'kept_rows', {})).toEqual([1]);
  });

  it('finds a function that was made later, and one that was made anew', async () => {
    expect(await faultOf(call(client, 'later', {}))).toMatchObject({ unavailable: 'PGRST202' });
    const define = (type: string, value: number) =>
      caller.sql(
        `create function public.later(p jsonb) returns ${type} language sql as $$ select '${value}'::${type} $$`,
      );
    await define('jsonb', 1);
    await caller.sql(`grant execute on function public.later(jsonb) to public`);
    await reload();
    await expect.poll(() => faultOf(call(client, 'later', {}))).toEqual({ value: 1 });

    await caller.sql('drop function public.later(jsonb)');
    await define('json', 2);
    await reload();
    await expect.poll(() => faultOf(call(client, 'later', {}))).toEqual({ value: 2 });
  });

  /** PostgREST reads the schema when it is told to. */
  const reload = async () => {
    if (store === 'hosted') {
      await caller.sql('notify pgrst');
    }
  };

  // PGlite computes in this very thread, so nothing can end a call of it, and it has no connection to lose.
  describe.skipIf(store === 'pglite')('that are not answered', () => {
    it('gives up in time, not knowing what became of the call', async () => {
      const hasty = caller.hastyClient(300);
      expect(await faultOf(call(hasty, 'sleep', { seconds: 60 }))).toEqual({
        unavailable: '',
        httpStatus: 0,
        refusesUs: false,
      });
      expect(await call(client, 'echo', 1)).toBe(1);
    });

    it('does not know either when the connection is lost, and goes on with another one', async () => {
      const sleeping = `select pid from pg_stat_activity where datname = current_database() and state = 'active'
        and query like '%"sleep"%' and pid <> pg_backend_pid()`;
      const endSleeping = () => caller.sql(`select pg_terminate_backend(pid) from (${sleeping}) victims`);
      const sleepers = async () => (await caller.sql(sleeping)).rows.length;
      // What was given up may go on for a while.
      await endSleeping();
      await expect.poll(sleepers).toBe(0);

      const outcome = faultOf(call(client, 'sleep', { seconds: 61 }));
      await expect.poll(sleepers).toBe(1);
      await endSleeping();

      expect(await outcome).toMatchObject({ refusesUs: false, httpStatus: 503 });
      expect(await call(client, 'echo', 1)).toBe(1);
    });
  });

  it('says of a database that is closed that there is none', async () => {
    const own = await openCaller(store);
    await own.close();

    expect(await faultOf(call(own.client, 'echo', 1))).toMatchObject({
      unavailable: expect.any(String) as string,
      refusesUs: false,
    });
  });
});

const MADE_ANEW = (type: string) =>
  `drop function public.echo(jsonb);
  create function public.echo(p jsonb) returns ${type} language sql as $$ select p::${type} $$`;

describe.each(TEST_STORES.filter((store) => store.startsWith('postgres')))('statements on %s', (store) => {
  /** One connection, so that the next call meets what the last one left. */
  async function openOne() {
    const database = await createEmptyDatabase(store);
    const executor = new PgExecutor({
      connectionString: database.url,
      poolSize: 1,
      statementTimeoutMs: 9_000,
    });
    onTestFinished(async () => {
      await executor.close();
      await database.drop();
    });
    await executor.transaction((runner) => runner.script(SCHEMA));
    const settings = async () => {
      const { rows } = await executor.query(
        `select pg_backend_pid() as pid, current_setting('statement_timeout') as timeout, current_setting('TimeZone') as zone,
          (select json_agg(json_build_array(s.name, s.generic_plans + s.custom_plans) order by s.name)
            from pg_prepared_statements s) as statements`,
      );
      return rows[0]!;
    };
    return { executor, client: clientOver(executor), settings };
  }

  it('are parsed once for each connection', async () => {
    const { client, settings } = await openOne();
    for (const n of [1, 2, 3]) {
      await call(client, 'echo', n);
    }
    await call(client, 'twice', 1);

    expect(await settings()).toMatchObject({
      statements: [
        ['echo', 3],
        ['twice', 1],
      ],
    });
  });

  it.each([
    // Whoever does so gives the connection to others: nothing is left on it any more.
    ['everything that was made for the connection is discarded', 'discard all', null],
    ['one is gone', 'deallocate echo', null],
    ['what it gives has another type', MADE_ANEW('json'), [['echo', 1]]],
  ])('survive that %s', async (_what, script, statements) => {
    const { executor, client, settings } = await openOne();
    expect(await call(client, 'echo', 1)).toBe(1);
    const before = await settings();
    for (const statement of script.split(/;\s+/)) {
      await executor.query(statement);
    }

    expect(await call(client, 'echo', 2)).toBe(2);
    expect(await call(client, 'echo', 3)).toBe(3);

    // What the connection had lost, the next one has.
    const after = await settings();
    expect(after).toMatchObject({ timeout: '9s', zone: 'UTC', statements });
    expect(after['pid']).not.toBe(before['pid']);
  });

  it('survive that somebody has the name', async () => {
    const { executor, client } = await openOne();
    await executor.query(`prepare echo as select 'somebody'`);

    expect(await call(client, 'echo', 2)).toBe(2);
    expect(await call(client, 'echo', 3)).toBe(3);
  });

  it('are not prepared where another transaction may have the connection', async () => {
    const { PgBouncer } = await import('../support/pgbouncer.js');
    const database = await createEmptyDatabase(store);
    const pooler = await PgBouncer.start(database.url, { poolSize: 2 });
    const executor = new PgExecutor({ connectionString: pooler.through(database.url), poolSize: 4 });
    onTestFinished(async () => {
      await executor.close();
      await pooler.stop();
      await database.drop();
    });
    await executor.transaction((runner) => runner.script(SCHEMA));
    const client = clientOver(executor);

    const numbers = Array.from({ length: 60 }, (_, index) => index);
    expect(await Promise.all(numbers.map((n) => call(client, 'echo', n)))).toEqual(numbers);
    expect((await executor.query('select name from pg_prepared_statements')).rows).toEqual([]);
  });
});

describe('statements on PGlite', () => {
  it.each([
    ['nothing happens', 'select 1', 3],
    ['all are gone', 'deallocate all', 2],
    ['the function is made anew', MADE_ANEW('jsonb'), 3],
    ['what it gives has another type', MADE_ANEW('json'), 2],
  ])('are parsed once, and again when %s', async (_what, script, runs) => {
    const { executor, client } = await openMemory();
    expect(await call(client, 'echo', 1)).toBe(1);
    await executor.transaction((runner) => runner.script(script));

    expect(await call(client, 'echo', { a: [2] })).toEqual({ a: [2] });
    expect(await call(client, 'echo', 3)).toBe(3);

    const { rows } = await executor.query(
      `select generic_plans + custom_plans as runs from pg_prepared_statements where name = 'echo'`,
    );
    expect(rows).toEqual([{ runs }]);
  });

  it('survive that somebody has the name', async () => {
    const { executor, client } = await openMemory();
    await executor.query(`prepare echo as select 'somebody'`);

    expect(await call(client, 'echo', 2)).toBe(2);
    expect(await call(client, 'echo', 3)).toBe(3);
  });

  async function openMemory() {
    const executor = await PgliteExecutor.open(undefined);
    onTestFinished(() => executor.close());
    await executor.transaction((runner) => runner.script(SCHEMA));
    return { executor, client: clientOver(executor) };
  }
});
