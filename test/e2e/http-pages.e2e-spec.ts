import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { Scenario } from '../repositories/scenario.js';
import type { TestDatabase } from '../support/databases.js';
import { type HttpApp, startHttpApp } from './http-app.js';

/** Of an answer: 1 MiB of items, and what REST's names and the rest of the answer add. */
const MAX_BYTES = 1.1 * 1024 * 1024;
const COUNT = 40;
/** So long that all of them make several pages. */
const LONG = 65_536;

type Item = Record<string, unknown>;
type Answer = Record<string, unknown> & {
  next_cursor?: string | null;
  has_more?: boolean;
  last_sequence?: number;
};

/** Lists whose rows can't be long: what is in them is bounded where it comes in, and a whole page is far below the bound. */
const SHORT: Readonly<Record<string, string>> = {
  '/api/admin/audit': 'ids, words and short numbers',
  '/api/admin/api-keys': 'names of 100 characters',
  '/api/admin/inbox/dead': 'ids, words and errors of 500 characters',
  '/api/admin/leases': 'ids, times and names of 100 characters',
  '/api/erasures': 'ids, times and counts',
  '/api/organizations': 'names of 100 characters',
  '/api/organizations/{id}/api-keys': 'names of 100 characters',
  '/api/organizations/{id}/calendar-feeds': 'names of 100 characters',
  '/api/organizations/{id}/invitations': 'ids, names of 100 characters and times',
  '/api/organizations/{id}/members': 'ids and times',
  '/api/webhooks': 'addresses of 2048 characters, descriptions of 500, and names of events',
  '/api/whatsapp/instances/{id}/integrity/undecrypted': 'ids and times',
};

interface Document {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, object> };
}

let http: HttpApp;
let scenario: Scenario;
let paged: string[];
let webhookId: string;

beforeAll(async () => {
  http = await startHttpApp({ RATE_LIMIT_ADDRESS: '0' });
  const database = http.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
  scenario = await Scenario.create(database as unknown as TestDatabase);
  const written = Array.from({ length: COUNT }, (_, index) => ({
    phone: `55119888800${10 + index}`,
    text: `${index}`.padEnd(LONG, 'w'),
  }));
  await scenario.ingest(await scenario.received(...written));
  await scenario.ingest(await scenario.ownerWrote(...written));
  await Promise.all(Array.from({ length: COUNT }, () => scenario.addInstance()));
  for (const [table, column] of [
    ['contacts', 'name'],
    ['bookings', 'source'],
    ['whatsapp_instances', 'instance_name'],
  ]) {
    await database.sql(
      `update ${table} set ${column} = repeat('n', ${LONG}) where organization_id = $1::text`,
      [scenario.organizationId],
    );
  }
  await database.sql(
    `insert into groups (organization_id, instance_id, jid, description)
      select i.organization_id, i.id, i.id || '@g.us', repeat('n', ${LONG})
      from whatsapp_instances i where i.organization_id = $1::text order by i.created_at limit ${COUNT}`,
    [scenario.organizationId],
  );
  webhookId = await deliverAll(database);
  const { body } = await http.api.call<Document>('GET', '/api/docs-json');
  const shown = (operation: unknown): string => {
    const text = JSON.stringify(operation ?? {});
    const named = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(
      ([, name]) => body.components.schemas[name!],
    );
    return text + JSON.stringify(named);
  };
  paged = Object.entries(body.paths)
    .filter(([, byMethod]) => /"(next_cursor|has_more)":/.test(shown(byMethod['get'])))
    .map(([path]) => path);
});
afterAll(() => http.stop());

/** @returns the id of a webhook that was to be told of everything, and waits */
async function deliverAll({ sql }: OpenDatabase): Promise<string> {
  const { rows } = await sql(
    `insert into webhook_endpoints (organization_id, url, secret, is_active)
      values ($1::text, 'https://example.com/', '\\x00', false) returning id`,
    [scenario.organizationId],
  );
  const id = String(rows[0]!['id']);
  await sql(
    'select public.enqueue_webhook_events(w, 0, 1000, 1000) from webhook_endpoints w where w.id = $1::text::uuid',
    [id],
  );
  return id;
}

const LISTS: [string, string, number][] = [
  ['/api/messages', 'messages', COUNT],
  ['/api/notes', 'notes', COUNT],
  // A note is told of, too.
  ['/api/events', 'events', 2 * COUNT],
  ['/api/webhooks/{id}/deliveries', 'deliveries', 2 * COUNT],
  ['/api/conversations', 'conversations', COUNT],
  ['/api/contacts', 'contacts', COUNT],
  ['/api/bookings', 'bookings', COUNT],
  ['/api/groups', 'groups', COUNT],
  ['/api/whatsapp/instances', 'instances', COUNT + 1],
];

it('is asked of every list that the document shows', () => {
  expect(paged.toSorted()).toEqual([...LISTS.map(([path]) => path), ...Object.keys(SHORT)].toSorted());
});

it.each(LISTS)('%s gives pages of 1 MiB at most, and on them everything once', async (path, key, count) => {
  const ids: unknown[] = [];
  const sizes: number[] = [];
  let position = '';
  for (let isMore = true; isMore;) {
    const whose = path.includes('{id}') ? '' : `organization_id=${scenario.organizationId}&`;
    const address = path.replace('{id}', webhookId);
    const answer = await fetch(`${http.url}${address}?${whose}limit=100${position}`);
    const text = await answer.text();
    expect(answer.status, text.slice(0, 300)).toBe(200);
    const body = JSON.parse(text) as Answer;
    sizes.push(text.length);
    ids.push(
      ...(body[key] as Item[]).map(
        (item) => item['id'] ?? item['sequence'] ?? JSON.stringify(item['contact']),
      ),
    );
    isMore = body.has_more ?? typeof body.next_cursor === 'string';
    position = body.next_cursor ? `&cursor=${body.next_cursor}` : `&after=${body.last_sequence}`;
  }

  expect(Math.max(...sizes)).toBeLessThan(MAX_BYTES);
  expect(sizes.length).toBeGreaterThan(2);
  expect(new Set(ids).size).toBe(count);
  expect(ids).toHaveLength(count);
});

/** Reads a list to its end, and from there back to its beginning. */
async function thereAndBack(
  address: string,
  key: string,
): Promise<{ there: string[]; back: string[]; isPlaceKept: boolean }> {
  const read = async (cursor: string) => {
    const answer = await fetch(`${http.url}${address}limit=7${cursor}`);
    const body = (await answer.json()) as Answer & { previous_cursor: string | null };
    expect(answer.status, JSON.stringify(body).slice(0, 300)).toBe(200);
    const items = (body[key] as Item[]).map((item) => JSON.stringify(item['id'] ?? item));
    return { items, next: body.next_cursor, previous: body.previous_cursor };
  };
  let page = await read('');
  const there = [...page.items];
  while (page.next) {
    page = await read(`&cursor=${page.next}`);
    there.push(...page.items);
  }
  const back = [...page.items];
  for (;;) {
    const before = await read(`&cursor=${page.previous}`);
    if (before.items.length === 0) {
      return { there, back, isPlaceKept: before.previous === page.previous };
    }
    back.unshift(...before.items);
    page = before;
  }
}

it.each(LISTS.filter(([path]) => path !== '/api/events'))(
  '%s is the same backwards',
  async (path, key, count) => {
    const whose = path.includes('{id}') ? '' : `organization_id=${scenario.organizationId}&`;
    const { there, back, isPlaceKept } = await thereAndBack(
      `${path.replace('{id}', webhookId)}?${whose}`,
      key,
    );

    expect(there).toHaveLength(count);
    expect(back).toEqual(there);
    // Nothing is newer yet.
    expect(isPlaceKept).toBe(true);
  },
);

it.each([
  ['/api/contacts', 'contacts', 'name'],
  ['/api/contacts', 'contacts', '-name'],
  ['/api/contacts', 'contacts', 'created_at'],
  ['/api/bookings', 'bookings', 'created_at'],
  ['/api/bookings', 'bookings', 'starts_at'],
  ['/api/bookings', 'bookings', '-starts_at'],
])('%s is the same backwards, its %s sorted by %s', async (path, key, sort) => {
  const database = http.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
  await database.sql(
    `update bookings b set starts_at = '2027-01-01'::timestamptz + make_interval(hours => n % 5)
      from (select id, row_number() over (order by id)::int as n from bookings where organization_id = $1::text) o
      where o.id = b.id`,
    [scenario.organizationId],
  );
  const list = `${path}?organization_id=${scenario.organizationId}&`;
  const { there, back } = await thereAndBack(`${list}sort=${sort}&`, key);

  expect(there).toHaveLength(COUNT);
  expect(new Set(there).size).toBe(COUNT);
  expect(back).toEqual(there);
  const otherWay = sort.startsWith('-') ? sort.slice(1) : `-${sort}`;
  expect((await thereAndBack(`${list}sort=${otherWay}&`, key)).there).toEqual(there.toReversed());
  const { next_cursor: cursor } = (await http.api.call<Answer>('GET', `${list}sort=${sort}&limit=1`)).body;
  const mixed = await http.api.call('GET', `${list}sort=${otherWay}&cursor=${cursor}`);
  expect(mixed).toMatchObject({ status: 400, body: { code: 'invalid_cursor' } });
});

it('a reader of newer ones gets each that is stored meanwhile, once and in order', async () => {
  const other = await Scenario.create(
    http.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false }) as unknown as TestDatabase,
  );
  const number = await other.takenOver('5511900000002');
  await other.ingest(await other.received({ phone: '5511988880001', text: 'first' }));
  const list = `/api/messages?organization_id=${other.organizationId}&limit=3`;
  type Messages = { messages: { content: string }[]; previous_cursor: string };
  let cursor = (await http.api.call<Messages>('GET', list)).body.previous_cursor;
  let isStoring = true;
  const storing = (async () => {
    for (let n = 0; n < 10; n += 1) {
      const a = await other.received({ phone: '5511988880001', text: `a${n}` });
      const b = await number.received({ phone: '5511988880002', text: `b${n}` });
      await Promise.all([other.ingest(a, 'worker-a'), number.ingest(b, 'worker-b')]);
    }
    isStoring = false;
  })();
  const seen: string[] = [];
  for (let isMore = true; isMore || isStoring;) {
    const wasStoring = isStoring;
    const { body } = await http.api.call<Messages>('GET', `${list}&cursor=${cursor}`);
    seen.push(...body.messages.map(({ content }) => content).toReversed());
    cursor = body.previous_cursor;
    isMore = body.messages.length > 0 || wasStoring;
  }
  await storing;

  const all: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const { body }: { body: Messages & { next_cursor: string | null } } = await http.api.call(
      'GET',
      next === '' ? list : `${list}&cursor=${next}`,
    );
    all.unshift(...body.messages.map(({ content }) => content).toReversed());
    next = body.next_cursor;
  }
  expect(seen).toHaveLength(20);
  expect(['first', ...seen]).toEqual(all);
});

describe('fields', () => {
  it.each([
    ['/api/messages', 'messages', 'content,status', ['content', 'id', 'status']],
    ['/api/messages', 'messages', 'id', ['id']],
    ['/api/contacts', 'contacts', 'phone_number', ['id', 'phone_number']],
    ['/api/conversations', 'conversations', 'unread_count', ['contact', 'unread_count']],
  ])('of %s: %s by %s', async (path, key, fields, expected) => {
    const { status, body } = await http.api.call<Record<string, Item[]>>(
      'GET',
      `${path}?organization_id=${scenario.organizationId}&limit=2&fields=${fields}`,
    );

    expect(status).toBe(200);
    expect(body[key]).toHaveLength(2);
    expect(body[key]!.map((item) => Object.keys(item).toSorted())).toEqual([expected, expected]);
  });

  it.each([
    ['/api/messages', 'content,secret', 'must be some of id, organization_id, instance_id, contact_id,'],
    ['/api/messages', '', 'must be some of id,'],
    ['/api/messages', 'content,', 'must be some of id,'],
    ['/api/contacts', 'read_until', 'must be some of id, organization_id, phone_number, lid, name,'],
    ['/api/conversations', 'id', 'must be some of contact, last_message, unread_count, open_booking,'],
  ])('of %s that are unknown are refused: %s', async (path, fields, message) => {
    const { status, body } = await http.api.call<{ details: { path: string; message: string }[] }>(
      'GET',
      `${path}?organization_id=${scenario.organizationId}&fields=${fields}`,
    );

    expect(status).toBe(400);
    expect(body.details).toMatchObject([{ path: 'fields' }]);
    expect(body.details[0]!.message).toContain(message);
  });
});

it('POST /api/contacts pages in the same way', async () => {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await http.api.call<{ contacts: { id: string }[]; next_cursor: string | null }>(
      'POST',
      '/api/contacts',
      { organization_id: scenario.organizationId, limit: 100, ...(cursor !== undefined && { cursor }) },
    );
    expect(body.contacts.length).toBeLessThan(COUNT);
    names.push(...body.contacts.map(({ id }) => id));
    cursor = body.next_cursor ?? undefined;
  } while (cursor !== undefined);

  expect(new Set(names).size).toBe(COUNT);
  expect(names).toHaveLength(COUNT);
});
