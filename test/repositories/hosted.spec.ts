import { createClient } from '@supabase/supabase-js';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { FAULT_ANSWERS } from '../support/hosted/fault-answers.js';
import { parseFault } from '../support/hosted/faults.js';
import {
  HostedProject,
  type HostedProjectOptions,
  UnruledRequestsError,
} from '../support/hosted/hosted-project.js';
import { makeProjectDatabase, type ProjectDatabase } from '../support/hosted/project-database.js';
import { makeProjectKeys, signToken } from '../support/hosted/project-keys.js';

const SCHEMA = `
  create table things (id int primary key, name text unique);
  create table parts (thing_id int references things (id));
  create table hidden (id int);
  insert into things select n, 'thing ' || n from generate_series(1, 1500) n;
  grant select, insert, update, delete on things, parts to service_role;

  create function echo(p jsonb) returns jsonb language sql as 'select p';
  create function all_things(p jsonb) returns setof things language sql stable as 'select * from public.things order by id';
  create function numbers() returns setof int language sql as 'select generate_series(1, 1200)';
  create function many_in_one(p jsonb) returns jsonb language sql stable as
    'select jsonb_agg(n) from generate_series(1, 1200) n';
  create function nothing() returns void language sql as '';
  create function add_up(a int, b int default 10) returns int language sql as 'select a + b';
  create function twice(a int) returns int language sql as 'select 1';
  create function twice(a int, b int default 1) returns int language sql as 'select 2';
  create function fail(p jsonb) returns jsonb language plpgsql as $$
    begin
      raise exception using errcode = p ->> 'state', message = coalesce(p ->> 'message', 'no way'), detail = p ->> 'detail', hint = p ->> 'hint';
    end $$;
  create function write_anyway(p jsonb) returns jsonb language plpgsql stable as $$
    begin perform public.write_thing(); return 'true'; end $$;
  create function write_thing() returns void language sql as 'insert into public.things (id) values (-1)';
  create function too_many(p jsonb) returns jsonb language plpgsql as $$
    begin raise exception using errcode = 'AZ410', message = 'too_many_members'; end $$;
  create function around(p jsonb) returns jsonb language sql volatile as $$
    select jsonb_build_object('role', current_user, 'session', session_user, 'path', current_setting('search_path'),
      'method', current_setting('request.method'), 'request_path', current_setting('request.path'),
      'claim', current_setting('request.jwt.claims')::jsonb ->> 'role', 'timeout', current_setting('statement_timeout'),
      'lock', current_setting('lock_timeout'), 'agent', current_setting('request.headers')::jsonb ->> 'x-client-info',
      'read_only', current_setting('transaction_read_only'))
  $$;
  create function for_anon() returns jsonb language sql as
    $$ select to_jsonb(current_user || ' ' || current_setting('statement_timeout')) $$;
  create function in_longer(p jsonb) returns jsonb language sql set statement_timeout = '20s' as
    $$ select to_jsonb(current_setting('statement_timeout')) $$;
  create function sleep(p jsonb) returns jsonb language sql set statement_timeout = '100ms' as
    $$ select to_jsonb(pg_sleep((p ->> 'seconds')::float8)::text) $$;
  create function wait_for(p jsonb) returns jsonb language sql as
    $$ select to_jsonb(pg_advisory_xact_lock(1)::text) $$;
  do $$
  declare v_function regprocedure;
  begin
    for v_function in select oid from pg_proc where pronamespace = 'public'::regnamespace loop
      execute format('revoke execute on function %s from public', v_function);
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end $$;
  grant execute on function for_anon() to anon;
`;

let database: ProjectDatabase;
let project: HostedProject;

beforeAll(async () => {
  database = await makeProjectDatabase(inject('testDatabaseUrl'));
  await asOwner(SCHEMA);
  project = await HostedProject.start({ authenticatorUrl: database.authenticatorUrl, roundTripMs: 0 });
});
afterAll(async () => {
  await project.close();
  await database.drop();
});

async function asOwner(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function clientOf(one: HostedProject, key = one.keys.secret) {
  return createClient(one.url, key, {
    db: { retry: false },
    auth: { persistSession: false, autoRefreshToken: false },
  });
}

/** Another stand-in over the same database, for this test. */
async function another(options: Partial<HostedProjectOptions>): Promise<HostedProject> {
  const one = await HostedProject.start({
    authenticatorUrl: database.authenticatorUrl,
    roundTripMs: 0,
    ...options,
  });
  onTestFinished(() => one.close());
  return one;
}

/** A stand-in that is to be sent what it has no rule for. */
async function doubtful(use: (one: HostedProject) => Promise<unknown>): Promise<unknown> {
  const one = await HostedProject.start({ authenticatorUrl: database.authenticatorUrl, roundTripMs: 0 });
  let error: unknown;
  try {
    await use(one);
  } finally {
    await one.close().catch((thrown: unknown) => (error = thrown));
  }
  return error;
}

const rest = (one: HostedProject, path: string, init: RequestInit = {}) =>
  fetch(`${one.url}/rest/v1/${path}`, {
    ...init,
    headers: { apikey: one.keys.secret, ...(init.headers as Record<string, string> | undefined) },
  });

describe('a stand-in for a hosted project', () => {
  it('runs a request as the role of its key, with the settings that PostgREST makes', async () => {
    const { data } = await clientOf(project).rpc('around', { p: {} });

    expect(data).toEqual({
      role: 'service_role',
      session: 'authenticator',
      path: '"public", "public", "extensions"',
      method: 'POST',
      request_path: '/rpc/around',
      claim: 'service_role',
      timeout: '8s',
      lock: '8s',
      agent: expect.stringContaining('supabase-js'),
      read_only: 'off',
    });
  });

  it.each([
    ['echo', { p: { x: ['y', null, 1.5] } }, { x: ['y', null, 1.5] }],
    ['echo', { p: null }, null],
    ['echo', { p: 'text' }, 'text'],
    ['add_up', { a: 1 }, 11],
    ['nothing', undefined, null],
    ['in_longer', { p: {} }, '20s'],
  ])('calls %s(%j)', async (name, args, result) => {
    expect(await clientOf(project).rpc(name, args)).toMatchObject({ error: null, data: result });
  });

  it('gives 1000 rows of a table and of a function at most, and says nothing of it', async () => {
    const client = clientOf(project);
    const table = await client.from('things').select('id').order('id');
    const counted = await client.from('things').select('id', { count: 'exact' }).order('id');

    expect([table.status, table.data?.length]).toEqual([200, 1000]);
    expect([counted.status, counted.data?.length, counted.count]).toEqual([206, 1000, 1500]);
    expect((await client.from('things').select('id').order('id').range(900, 2400)).data).toHaveLength(600);
    expect((await client.rpc('all_things', { p: {} })).data).toHaveLength(1000);
    expect((await client.rpc('numbers')).data).toHaveLength(1000);
    expect((await client.rpc('many_in_one', { p: {} })).data).toHaveLength(1200);
    const answer = await rest(project, 'things?select=id&limit=1200');
    expect(answer.headers.get('content-range')).toBe('0-999/*');
  });

  it('reads in a transaction that can only read, where a function is stable', async () => {
    expect(await clientOf(project).rpc('write_anyway', { p: {} })).toMatchObject({
      status: 405,
      error: { code: '25006' },
    });
  });

  it('writes, and undoes a write that was to give one row', async () => {
    const client = clientOf(project);
    expect((await client.from('things').insert({ id: 5000, name: 'new' })).status).toBe(201);
    expect(
      (await client.from('things').update({ name: 'newer' }).eq('id', 5000).select('name').single()).data,
    ).toEqual({ name: 'newer' });
    expect(
      await client.from('things').update({ name: null }).in('id', [1, 2]).select().single(),
    ).toMatchObject({ status: 406, error: { code: 'PGRST116', details: 'The result contains 2 rows' } });
    expect((await client.from('things').select('name').eq('id', 1).single()).data).toEqual({
      name: 'thing 1',
    });
    expect((await client.from('things').delete().eq('id', 5000)).status).toBe(204);
  });

  /** Error.hs, one of each group. */
  it.each<[string, { message?: string }, number]>([
    ['AZ410', {}, 400],
    ['P0001', {}, 400],
    ['P0002', {}, 500],
    ['22023', {}, 400],
    ['22023', { message: 'role "x" does not exist' }, 401],
    ['21000', {}, 500],
    ['21000', { message: 'UPDATE requires a WHERE clause' }, 400],
    ['23503', {}, 409],
    ['23505', {}, 409],
    ['25006', {}, 405],
    ['25P02', {}, 500],
    ['28000', {}, 403],
    ['40001', {}, 500],
    ['42501', {}, 403],
    ['42883', {}, 404],
    ['42P01', {}, 404],
    ['42P17', {}, 500],
    ['53300', {}, 503],
    ['53400', {}, 500],
    ['54000', {}, 500],
    ['55P03', {}, 500],
    ['57014', {}, 500],
    ['57P01', {}, 503],
    ['58030', {}, 500],
    ['08006', {}, 503],
    ['XX000', {}, 500],
    ['PT418', {}, 418],
  ])('answers SQLSTATE %s %j with %i', async (state, more, status) => {
    const answer = await clientOf(project).rpc('fail', {
      p: { state, detail: 'because', hint: 'do not', ...more },
    });

    expect(answer).toMatchObject({
      status,
      error: { code: state, message: more.message ?? 'no way', details: 'because', hint: 'do not' },
    });
  });

  it('lets a function decide about the answer as a whole', async () => {
    const message = JSON.stringify({ code: '123', message: 'Payment Required' });
    const detail = JSON.stringify({ status: 402, headers: { 'X-Powered-By': 'Nerd Rage' } });

    const answer = await clientOf(project).rpc('fail', { p: { state: 'PGRST', message, detail, hint: '' } });

    expect(answer).toMatchObject({ status: 402, error: { code: '123', message: 'Payment Required' } });
  });

  it('gives errors as JSON with four fields, and names their code in a header', async () => {
    const answer = await rest(project, 'rpc/too_many', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"p":{}}',
    });

    expect(answer.headers.get('proxy-status')).toBe('PostgREST; error=AZ410');
    expect(await answer.json()).toEqual({
      code: 'AZ410',
      message: 'too_many_members',
      details: null,
      hint: null,
    });
  });

  it('cancels what takes longer than the function may', async () => {
    expect(await clientOf(project).rpc('sleep', { p: { seconds: 5 } })).toMatchObject({
      status: 500,
      error: { code: '57014', message: 'canceling statement due to statement timeout' },
    });
  });

  it('knows the schema as it was read, until it is told to read it again', async () => {
    const client = clientOf(project);
    const missing = await client.from('later').select();
    await asOwner('create table later (id int); grant select on later to service_role');

    expect(missing).toMatchObject({ status: 404, error: { code: 'PGRST205' } });
    await expect.poll(async () => (await client.from('later').select()).data).toEqual([]);
  });

  it.each([
    ['rpc/missing', { p: 1 }, 404, 'PGRST202'],
    ['rpc/add_up', {}, 404, 'PGRST202'],
    ['rpc/add_up', { z: 1 }, 404, 'PGRST202'],
    ['rpc/twice', { a: 1 }, 300, 'PGRST203'],
    ['rpc/add_up', { a: 'x' }, 400, '22P02'],
    ['rpc/echo', '{', 400, 'PGRST102'],
    ['things', [{ id: 1 }, { name: 'x' }], 400, 'PGRST102'],
    ['things', { nope: 1 }, 400, 'PGRST204'],
    ['things', { id: 1 }, 409, '23505'],
    ['parts', { thing_id: 99_999 }, 409, '23503'],
    ['hidden', { id: 1 }, 403, '42501'],
    ['a/b', {}, 404, 'PGRST125'],
  ])('answers POST %s %j with %i %s', async (path, body, status, code) => {
    const answer = await rest(project, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });

  it.each([
    ['things?select=nope', 400, '42703'],
    ['things?id=1', 400, 'PGRST100'],
    ['things?select=id&offset=2000', 416, 'PGRST103'],
  ])('answers GET %s with %i %s', async (path, status, code) => {
    const answer = await rest(project, path, { headers: { prefer: 'count=exact' } });

    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });

  it('exposes the schema public alone', async () => {
    const { error, status } = await clientOf(project).schema('auth').from('users').select();

    expect([status, error?.code]).toEqual([406, 'PGRST106']);
  });
});

describe('keys of a hosted project', () => {
  const call = (
    apikey: string | undefined,
    authorization: string | undefined,
    more: Record<string, string> = {},
  ) =>
    fetch(`${project.url}/rest/v1/rpc/around`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apikey !== undefined && { apikey }),
        ...(authorization !== undefined && { authorization: `Bearer ${authorization}` }),
        ...more,
      },
      body: '{"p":{}}',
    });

  it('takes the secret key and the legacy one of service_role', async () => {
    const { secret, legacyServiceRole } = project.keys;
    for (const key of [secret, legacyServiceRole]) {
      expect((await call(key, key)).status).toBe(200);
    }
    expect((await call(secret, undefined)).status).toBe(200);
  });

  it.each([
    ['no key', undefined, undefined, 'No API key found in request'],
    ['a key of nobody', 'sb_secret_x', 'sb_secret_x', 'Invalid API key'],
    ['a key that is no key', 'eyJ', 'eyJ', 'Invalid API key'],
    ['another key in Authorization', '', 'sb_secret_y', 'Invalid API key'],
  ])('refuses %s without a code', async (_, apikey, bearer, message) => {
    const answer = await call(apikey === '' ? project.keys.secret : apikey, bearer);

    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ message, hint: expect.any(String) });
  });

  it('refuses a secret key that comes from a browser', async () => {
    const { secret } = project.keys;
    const answer = await call(secret, secret, { 'user-agent': 'Mozilla/5.0' });

    expect(answer.status).toBe(401);
  });

  it.each([
    ['expired', () => ({ role: 'service_role', exp: 1 }), 'PGRST303', 'JWT expired'],
    [
      'of the future',
      () => ({ role: 'service_role', iat: Math.floor(Date.now() / 1000) + 60 }),
      'PGRST303',
      'JWT issued at future',
    ],
  ])('refuses a token that is %s', async (_, claims, code, message) => {
    const token = signToken(claims(), project.keys.jwtSecret);
    const answer = await call(project.keys.secret, token);

    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
    expect(await answer.json()).toMatchObject({ code, message });
  });

  it('refuses a token of another project', async () => {
    const token = signToken({ role: 'service_role' }, makeProjectKeys().jwtSecret);

    expect(await (await call(project.keys.secret, token)).json()).toMatchObject({ code: 'PGRST301' });
  });

  it('lets anon do what anon may, and nothing of ours', async () => {
    for (const key of [project.keys.publishable, project.keys.legacyAnon]) {
      const client = clientOf(project, key);
      expect((await client.rpc('for_anon')).data).toBe('anon 3s');
      expect(await client.rpc('around', { p: {} })).toMatchObject({ status: 401, error: { code: '42501' } });
      expect(await client.from('things').select()).toMatchObject({ status: 401, error: { code: '42501' } });
    }
  });

  it.each([
    ['new', false],
    ['old', true],
  ] as const)('gives away what a project that is %s gives away', async (age, isGranted) => {
    const other = await makeProjectDatabase(inject('testDatabaseUrl'), age);
    onTestFinished(() => other.drop());
    const owner = new pg.Client({ connectionString: other.ownerUrl });
    await owner.connect();
    try {
      await owner.query('create table things (id int)');
      const { rows } = await owner.query<{ may: boolean }>(
        `select has_table_privilege('anon', 'public.things', 'select') as may`,
      );
      expect(rows).toEqual([{ may: isGranted }]);
      expect((await owner.query(`select rolsuper from pg_roles where rolname = current_user`)).rows).toEqual([
        { rolsuper: false },
      ]);
    } finally {
      await owner.end();
    }
  });
});

describe('the gateway of a hosted project', () => {
  it('refuses URLs of more than 16 kB', async () => {
    const ids = Array.from({ length: 4000 }, (_, index) => index);
    const { status, error } = await clientOf(project).from('things').select().in('id', ids);

    expect([status, error?.message]).toEqual([414, 'URI too long\n']);
  });

  it('lets requests wait for one of ten connections, and gives up on them', async () => {
    const one = await another({ poolSize: 2, acquisitionMs: 200 });
    const holder = new pg.Client({ connectionString: database.adminUrl });
    await holder.connect();
    await holder.query('begin; select pg_advisory_xact_lock(1)');
    const client = clientOf(one);
    const waiting = [1, 2].map(async () => client.rpc('wait_for', { p: {} }));
    await expect
      .poll(async () => {
        const text = `select 1 from pg_locks where locktype = 'advisory' and not granted`;
        return (await holder.query(text)).rowCount;
      })
      .toBe(2);

    expect(await client.rpc('echo', { p: 1 })).toMatchObject({ status: 504, error: { code: 'PGRST003' } });

    await holder.end();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('takes as long as the way there and back', async () => {
    const one = await another({ roundTripMs: 80 });
    const startedAt = performance.now();
    await clientOf(one).rpc('echo', { p: 1 });

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(78);
  });

  it.each(Object.entries(FAULT_ANSWERS))(
    'gives the answer %s in place of its own',
    async (kind, expected) => {
      const fault = project.faults.add({ ...parseFault(`${kind}@echo*1`) });
      const answer = await rest(project, 'rpc/echo', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"p":1}',
      });
      fault.remove();

      expect([answer.status, await answer.text()]).toEqual([expected.status, expected.body]);
      expect(fault.hits).toBe(1);
      expect((await clientOf(project).rpc('echo', { p: 1 })).data).toBe(1);
    },
  );

  it('loses an answer after the work, and closes a connection before it', async () => {
    const client = clientOf(project);
    const insert = async (rule: string, id: number) => {
      const fault = project.faults.add(parseFault(rule));
      const { error } = await client.from('things').insert({ id });
      fault.remove();
      return error !== null;
    };

    expect(await insert('closed@things', 6001)).toBe(true);
    expect(await insert('closed@things!after', 6002)).toBe(true);
    expect(await insert('html-502@things!after', 6003)).toBe(true);
    const { data } = await client.from('things').select('id').gt('id', 6000).order('id');
    expect(data).toEqual([{ id: 6002 }, { id: 6003 }]);
  });

  it('takes faults by chance from a seed', async () => {
    const outcomes = async (seed: number) => {
      const one = await another({ seed });
      one.faults.add(parseFault('jwt-401:0.3'));
      const statuses: number[] = [];
      for (let index = 0; index < 40; index += 1) {
        statuses.push((await clientOf(one).rpc('echo', { p: 1 })).status);
      }
      return statuses;
    };
    const first = await outcomes(7);

    expect(await outcomes(7)).toEqual(first);
    expect(first.filter((status) => status === 401).length).toBeGreaterThan(4);
    expect(first.filter((status) => status === 200).length).toBeGreaterThan(15);
  });

  it('counts', async () => {
    const one = await another({ roundTripMs: 20 });
    const client = clientOf(one);
    await Promise.all([1, 2, 3].map(async () => client.rpc('echo', { p: 'x'.repeat(10_000) })));
    await client.from('things').select('id').eq('name', 'Maria');

    const { counters } = one;
    expect(Object.fromEntries(counters.requests)).toEqual({ 'POST rpc/echo': 3, 'GET things': 1 });
    expect(Object.fromEntries(counters.statuses)).toEqual({ 200: 4 });
    expect([...counters.urls].join()).toContain('Maria');
    expect(counters.mostParallel).toBe(3);
    expect(counters.bytesIn).toBeGreaterThan(30_000);
    expect(counters.bytesOut).toBeGreaterThan(30_000);
    counters.reset();
    expect([counters.total, counters.bytesIn]).toEqual([0, 0]);
  });
});

describe('what the stand-in has no rule for', () => {
  const headers = (more: Record<string, string>) => ({ headers: more });

  it.each<[string, (one: HostedProject) => PromiseLike<unknown>]>([
    ['a preference', (one) => rest(one, 'things', headers({ prefer: 'tx=rollback' }))],
    ['a media type', (one) => rest(one, 'things', headers({ accept: 'text/csv' }))],
    ['a header', (one) => rest(one, 'things', headers({ 'x-retry-count': '1' }))],
    ['GET of a function', (one) => clientOf(one).rpc('numbers', {}, { get: true })],
    ['parameters of a function in the URL', (one) => clientOf(one).rpc('all_things', { p: 1 }).limit(5)],
    ['an update of everything', (one) => clientOf(one).from('things').update({ name: 'x' })],
    ['a delete of everything', (one) => clientOf(one).from('things').delete()],
    ['an embedded table', (one) => clientOf(one).from('parts').select('things(*)')],
    ['another operator', (one) => clientOf(one).from('things').select().textSearch('name', 'x')],
    ['another service', (one) => fetch(`${one.url}/storage/v1/bucket`)],
  ])('%s fails the run', async (_, use) => {
    expect(await doubtful(async (one) => use(one))).toBeInstanceOf(UnruledRequestsError);
  });
});
