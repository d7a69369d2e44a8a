import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveOperations } from '../support/openapi-references.js';
import { ask } from './access-ask.js';
import { type Call, RULES } from './access-rules.js';
import { AccessFixture, ADMIN_KEY, HOME } from './access-fixture.js';

interface Fields {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string; schema: object }[] }>>;
}

/** Days, hours and offsets that there are not, and years that somebody on the way can't write. */
const IMPOSSIBLE = [
  '2025-02-30T00:00:00+00:00',
  '2025-13-01T00:00:00+00:00',
  '2025-01-01T25:00:00+00:00',
  '2025-01-01T00:00:00+99:00',
  '0000-01-01T00:00:00+00:00',
  '9999-12-31T23:59:59-05:00',
  '275760-09-14T00:00:00+00:00',
  '999999-01-01T00:00:00+00:00',
  'infinity',
  '-infinity',
];

let fixture: AccessFixture;
let lists: { route: string; field: string }[];
let times: { route: string; field: string }[];
beforeAll(async () => {
  fixture = await AccessFixture.start();
  const { paths } = resolveOperations((await fixture.http.api.call<Fields>('GET', '/api/docs-json')).body);
  const queries = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters = [] }]) =>
      parameters
        .filter((one) => one.in === 'query')
        .map(({ name, schema }) => ({
          route: `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
          field: name,
          schema,
        })),
    ),
  );
  // Keys of organizations are their ids, which may be any of these words.
  lists = queries.filter(({ route, field }) => field === 'cursor' && route !== 'GET /api/organizations');
  times = queries.filter(({ schema }) => (schema as { format?: string }).format === 'date-time');
});
afterAll(() => fixture?.stop());

const withField = ({ path, body }: Call, field: string, value: string): Call => ({
  path: `${path}${path.includes('?') ? '&' : '?'}${field}=${encodeURIComponent(value)}`,
  body,
});

/** All that do not say what is wrong with which field. */
async function unanswered(places: { route: string; field: string }[], values: string[]) {
  const odd: unknown[] = [];
  for (const { route, field } of places) {
    const call = await RULES[route]!.call(fixture);
    for (const value of values) {
      const { status, text } = await ask(fixture, route, withField(call, field, value), ADMIN_KEY);
      if (status !== 400 || !text.includes(`"path":"${field}"`)) {
        odd.push([route, field, value, status, text]);
      }
    }
  }
  return odd;
}

describe('a time that there is not', () => {
  it('in a filter is refused with its name', async () => {
    expect(times.length).toBeGreaterThan(3);
    expect(await unanswered(times, IMPOSSIBLE)).toEqual([]);
  });

  it('in a cursor is refused as one that no list gave out', async () => {
    const keys = IMPOSSIBLE.flatMap((time) => [[time, randomUUID()], [time, '1'], [time]]);
    const others = [[], [1], [null], ['9'.repeat(40)], ['2025-10-02T12:00:00+00:00', "x'"], {}, 'x', null];
    const cursors = [...keys, ...others].map((key) => Buffer.from(JSON.stringify(key)).toString('base64url'));

    expect(lists.length).toBeGreaterThan(8);
    expect(await unanswered(lists, ['x', '%', ...cursors])).toEqual([]);
  });

  it('is no end of a key, and a key that ends in the last year is rotated', async () => {
    const path = `/api/organizations/${HOME}/api-keys`;
    const create = (end: string) =>
      fixture.call('POST', path, ADMIN_KEY, { name: 'x', scopes: ['read'], expires_at: end });

    for (const time of IMPOSSIBLE) {
      expect([time, (await create(time)).status]).toEqual([time, 400]);
    }
    const last = await create('9999-12-30T00:00:00Z');
    const rotate = (id: string) => fixture.call('POST', `${path}/${id}/rotate`, ADMIN_KEY, {});
    const rotated = await rotate(last.body.api_key.id);
    expect([last.status, rotated.status]).toEqual([200, 200]);
    expect((await fixture.call('GET', path, ADMIN_KEY)).status).toBe(200);
    const endless = await fixture.key(HOME);
    expect((await rotate(endless.id)).body.api_key).toMatchObject({ expires_at: null });
  });
});
