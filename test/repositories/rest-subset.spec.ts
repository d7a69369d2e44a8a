import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRestFetch } from '../../src/supabase/rest-fetch.js';
import type { SqlExecutor } from '../../src/supabase/sql-executor.js';
import { SQL_STORES } from '../support/databases.js';
import { openEmptyExecutor } from './empty-executor.js';

const SCHEMA = `
  create table things (
    id int primary key, name text unique, size bigint, is_big boolean, at timestamptz,
    data jsonb, secret bytea, "odd name" text default 'd'
  );
  create table parts (thing_id int references things (id));
  insert into things (id, name, size, is_big, at, data, secret) values
    (1, 'one', 9007199254740991, true, '2025-10-02T12:00:00.5Z', '{"a": [1]}', '\\x00ff'),
    (2, 'two, (2)', 20, false, '2025-10-03T12:00:00Z', null, null),
    (3, 'thr%ee', null, null, null, '[]', null),
    (4, '"four"', 40, true, null, '1', null);
`;

const SINGLE = { accept: 'application/vnd.pgrst.object+json' };
const REPRESENTATION = { prefer: 'return=representation' };

describe.each(SQL_STORES)('the REST subset on %s', (store) => {
  let executor: SqlExecutor;
  let remove: () => Promise<void> = () => Promise.resolve();
  let rest: typeof fetch;

  beforeAll(async () => {
    ({ executor, remove } = await openEmptyExecutor(store));
    await executor.transaction((runner) => runner.script(SCHEMA));
    rest = createRestFetch(executor);
  });
  afterAll(() => remove());

  async function call(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ) {
    const response = await rest(`http://x.invalid/rest/v1/${path}`, {
      method,
      headers: options.headers ?? {},
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      range: response.headers.get('content-range'),
      text,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  }

  it('prints values as PostgREST does', async () => {
    const { text } = await call('GET', 'things?id=eq.1');

    expect(JSON.parse(text)).toEqual([
      {
        id: 1,
        name: 'one',
        size: 9007199254740991,
        is_big: true,
        at: '2025-10-02T12:00:00.5+00:00',
        data: { a: [1] },
        secret: '\\x00ff',
        'odd name': 'd',
      },
    ]);
  });

  it.each([
    ['id=eq.1', [1]],
    ['id=neq.1', [2, 3, 4]],
    ['id=gt.3', [4]],
    ['id=gte.3', [3, 4]],
    ['id=lt.2', [1]],
    ['id=lte.2', [1, 2]],
    ['id=gt.1&id=lt.4', [2, 3]],
    ['name=eq.two, (2)', [2]],
    ['name=like.*o*', [1, 2, 4]],
    ['name=ilike.*O*', [1, 2, 4]],
    ['name=like.thr\\%25*', [3]],
    ['name=like.T*', []],
    ['is_big=is.true', [1, 4]],
    ['is_big=is.null', [3]],
    ['is_big=not.is.null', [1, 2, 4]],
    ['is_big=is.not_null', [1, 2, 4]],
    ['is_big=eq.true', [1, 4]],
    ['id=in.(1,3)', [1, 3]],
    ['id=not.in.(1,3)', [2, 4]],
    ['id=in.()', []],
    ['name=in.("two, (2)","\\"four\\"")', [2, 4]],
    ['at=gte.2025-10-03T00:00:00%2B00:00', [2]],
    ['or=(id.eq.1,name.eq."two, (2)")', [1, 2]],
    ['or=(id.eq.1,and(id.gt.1,id.lt.4,not.or(id.eq.2,name.is.null)))', [1, 3]],
    ['and=(id.gt.1,id.not.eq.3)', [2, 4]],
    ['not.or=(id.eq.1,id.eq.2)', [3, 4]],
    ['or=(id.in.(1,2),id.eq.4)', [1, 2, 4]],
    ['secret=eq.\\x00ff', [1]],
    ['name=eq.x%27;drop table things;--', []],
  ])('filters by %s', async (filter, ids) => {
    const { body } = await call('GET', `things?select=id&order=id&${filter}`);

    expect(body).toEqual(ids.map((id) => ({ id })));
  });

  it.each([
    ['order=id.desc', [4, 3, 2, 1]],
    ['order=size.asc,id.asc', [2, 4, 1, 3]],
    ['order=size.desc', [3, 1, 4, 2]],
    ['order=size.desc.nullslast', [1, 4, 2, 3]],
    ['order=size.nullsfirst', [3, 2, 4, 1]],
    ['order=id&limit=2', [1, 2]],
    ['order=id&limit=2&offset=1', [2, 3]],
    ['order=id&limit=0', []],
  ])('sorts and pages by %s', async (parameters, ids) => {
    const { body } = await call('GET', `things?select=n:id&${parameters}`);

    expect(body).toEqual(ids.map((n) => ({ n })));
  });

  it('counts, and says which part it gives', async () => {
    const exact = { prefer: 'count=exact' };
    expect(await call('GET', 'things?select=id&order=id&limit=2&offset=1', { headers: exact })).toMatchObject(
      {
        status: 206,
        range: '1-2/4',
      },
    );
    expect(await call('GET', 'things?select=id', { headers: exact })).toMatchObject({
      status: 200,
      range: '0-3/4',
    });
    expect(await call('HEAD', 'things?id=gt.1', { headers: exact })).toMatchObject({
      status: 200,
      range: '0-2/3',
      text: '',
    });
    expect(await call('GET', 'things?id=gt.9')).toMatchObject({ status: 200, range: '*/*', body: [] });
    expect(await call('GET', 'things', { headers: { range: '1-1' } })).toMatchObject({
      status: 200,
      range: '1-1/*',
    });
    expect(await call('GET', 'things?offset=9', { headers: exact })).toMatchObject({
      status: 416,
      body: { code: 'PGRST103' },
    });
  });

  it('gives one object when asked, and exactly one', async () => {
    expect((await call('GET', 'things?select=id&id=eq.1', { headers: SINGLE })).body).toEqual({ id: 1 });
    expect(await call('GET', 'things?id=eq.9', { headers: SINGLE })).toMatchObject({
      status: 406,
      body: {
        code: 'PGRST116',
        message: 'Cannot coerce the result to a single JSON object',
        details: 'The result contains 0 rows',
        hint: null,
      },
    });
  });

  it('inserts one row or many', async () => {
    expect(
      await call('POST', 'things', { body: { id: 10, data: { deep: ['x'] }, name: null } }),
    ).toMatchObject({
      status: 201,
      text: '',
    });
    const many = await call('POST', 'things?select=id,name&columns="id","name"', {
      body: [{ id: 11, name: 'a' }, { id: 12 }],
      headers: REPRESENTATION,
    });
    expect(many).toMatchObject({
      status: 201,
      body: [
        { id: 11, name: 'a' },
        { id: 12, name: null },
      ],
    });
    expect((await call('GET', 'things?select=data,"odd name"&id=eq.10')).status).toBe(400);
    expect((await call('GET', 'things?select=data&id=eq.10')).body).toEqual([{ data: { deep: ['x'] } }]);
    expect(await call('POST', 'things', { body: [], headers: REPRESENTATION })).toMatchObject({
      status: 201,
      body: [],
    });
  });

  it('upserts by the named columns', async () => {
    const merge = { prefer: 'resolution=merge-duplicates,return=representation' };
    const ignore = { prefer: 'resolution=ignore-duplicates,return=representation' };
    await call('POST', 'things', { body: { id: 20, name: 'twenty', size: 1 } });
    expect(
      (
        await call('POST', 'things?on_conflict=name&select=id,size', {
          body: { id: 20, name: 'twenty', size: 2 },
          headers: merge,
        })
      ).body,
    ).toEqual([{ id: 20, size: 2 }]);
    expect(
      (await call('POST', 'things?select=size', { body: { id: 20, size: 3 }, headers: merge })).body,
    ).toEqual([{ size: 3 }]);
    expect(
      (await call('POST', 'things?on_conflict=name', { body: { id: 21, name: 'twenty' }, headers: ignore }))
        .body,
    ).toEqual([]);
  });

  it('updates and deletes what the filter names, and never everything', async () => {
    await call('POST', 'things', {
      body: [
        { id: 30, size: 1 },
        { id: 31, size: 1 },
      ],
    });
    expect(
      (await call('PATCH', 'things?id=gte.30&select=id,size', { body: { size: 5 }, headers: REPRESENTATION }))
        .body,
    ).toEqual([
      { id: 30, size: 5 },
      { id: 31, size: 5 },
    ]);
    expect(await call('PATCH', 'things?id=eq.30', { body: { size: null } })).toMatchObject({
      status: 204,
      text: '',
    });
    expect((await call('DELETE', 'things?id=eq.30&select=id', { headers: REPRESENTATION })).body).toEqual([
      { id: 30 },
    ]);
    expect(await call('DELETE', 'things?id=eq.31')).toMatchObject({ status: 204, text: '' });
    expect(await call('DELETE', 'things')).toMatchObject({ status: 400, body: { code: '21000' } });
    expect(await call('PATCH', 'things', { body: { size: 1 } })).toMatchObject({
      status: 400,
      body: { code: '21000' },
    });
  });

  it('undoes a write that was to give exactly one row', async () => {
    const headers = { ...SINGLE, ...REPRESENTATION };
    expect(await call('PATCH', 'things?id=in.(1,2)', { body: { size: 7 }, headers })).toMatchObject({
      status: 406,
      body: { code: 'PGRST116', details: 'The result contains 2 rows' },
    });
    expect((await call('GET', 'things?size=eq.7')).body).toEqual([]);
  });

  it.each([
    ['GET', 'missing', undefined, 404, 'PGRST205'],
    ['GET', 'pg_class', undefined, 404, 'PGRST205'],
    ['GET', 'things?select=nope', undefined, 400, '42703'],
    ['GET', 'things?nope=eq.1', undefined, 400, '42703'],
    ['GET', 'things?order=nope', undefined, 400, '42703'],
    ['POST', 'things', { nope: 1 }, 400, 'PGRST204'],
    ['PATCH', 'things?id=eq.1', { nope: 1 }, 400, 'PGRST204'],
    ['POST', 'things', { id: 1 }, 409, '23505'],
    ['POST', 'parts', { thing_id: 999 }, 409, '23503'],
    ['POST', 'things', { name: 'without id' }, 400, '23502'],
    ['GET', 'things?id=eq.abc', undefined, 400, '22P02'],
    ['GET', 'things?at=eq.abc', undefined, 400, '22007'],
    ['GET', 'things?id=1', undefined, 400, 'PGRST100'],
    ['GET', 'things?id=cs.{1}', undefined, 400, 'PGRST100'],
    ['GET', 'things?or=(id.eq.1', undefined, 400, 'PGRST100'],
    ['GET', 'things?or=(id.eq.1)x', undefined, 400, 'PGRST100'],
    ['GET', 'things?name=in.("a', undefined, 400, 'PGRST100'],
    ['GET', 'things?select=id,parts(*)', undefined, 400, 'PGRST100'],
    ['GET', 'things?select=data->a', undefined, 400, 'PGRST100'],
    ['GET', 'things?limit=x', undefined, 400, 'PGRST100'],
    ['GET', 'things?is_big=is.maybe', undefined, 400, 'PGRST100'],
    ['PATCH', 'things?id=eq.1&limit=1', { size: 1 }, 400, 'PGRST100'],
    ['POST', 'things', 5, 400, 'PGRST102'],
    ['PUT', 'things?id=eq.1', { id: 1 }, 405, 'PGRST117'],
    ['GET', 'a/b', undefined, 404, 'PGRST125'],
    // Functions go over the driver.
    ['POST', 'rpc/echo', { p: 1 }, 400, 'PGRST100'],
  ])('answers %s %s %j with %i %s', async (method, path, body, status, code) => {
    const answer = await call(method, path, { body });

    expect(answer).toMatchObject({ status, body: { code } });
    expect(Object.keys(answer.body as object).sort()).toEqual(['code', 'details', 'hint', 'message']);
  });

  it('hands on message and detail of an error', async () => {
    expect((await call('POST', 'things', { body: { id: 1 } })).body).toEqual({
      code: '23505',
      message: 'duplicate key value violates unique constraint "things_pkey"',
      details: 'Key (id)=(1) already exists.',
      hint: null,
    });
  });

  it('refuses preferences and media types that it does not know', async () => {
    expect(await call('GET', 'things', { headers: { prefer: 'count=planned' } })).toMatchObject({
      status: 400,
    });
    expect(await call('GET', 'things', { headers: { accept: 'text/csv' } })).toMatchObject({ status: 406 });
  });

  it('sees tables that were made later', async () => {
    await executor.query('create table later (id int)');

    expect((await call('GET', 'later')).body).toEqual([]);
  });

  it('rejects when the caller has given up', async () => {
    const answer = rest('http://x.invalid/rest/v1/things', { signal: AbortSignal.abort() });

    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });
});
