import { afterAll, beforeAll, expect, it } from 'vitest';
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
  '/api/erasures': 'ids, times and counts',
  '/api/organizations': 'names of 100 characters',
  '/api/organizations/{id}/api-keys': 'names of 100 characters',
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
