import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { Scenario } from '../repositories/scenario.js';
import type { TestDatabase } from '../support/databases.js';
import { type HttpApp, startHttpApp } from './http-app.js';

/** More than a search looks through before it uses its index. */
const OTHERS = 1_100;
const ANA = '5511988880001';
const BIA = '5511988880002';

interface Found {
  messages: { id: string; content: string; contact_id: string | null }[];
  next_cursor: string | null;
  previous_cursor: string | null;
}

let http: HttpApp;
let database: OpenDatabase;
let scenario: Scenario;

beforeAll(async () => {
  http = await startHttpApp({ RATE_LIMIT_ADDRESS: '0' });
  database = http.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
});
afterAll(() => http.stop());
beforeEach(async () => {
  scenario = await Scenario.create(database as unknown as TestDatabase);
});

async function received(...texts: string[]): Promise<void> {
  await scenario.ingest(await scenario.received(...texts.map((text) => ({ phone: ANA, text }))));
}

/** So many newer messages, in which nothing is found. */
async function addOthers(): Promise<void> {
  await scenario.ingest(await scenario.received({ phone: BIA, name: 'Bia', text: 'hm' }));
  await database.sql(
    `insert into messages (organization_id, contact_id, instance_id, direction, content)
      select c.organization_id, c.id, $2::text::uuid, 'inbound', 'hm ' || n
      from contacts c, generate_series(1, ${OTHERS}) n
      where c.organization_id = $1::text and c.phone_number = '${BIA}'`,
    [scenario.organizationId, scenario.instanceId],
  );
}

async function takeUpAll(): Promise<void> {
  for (let isWaiting = true; isWaiting;) {
    await database.sql(`select take_up_messages('{"limit": 400}')`);
    const { rows } = await database.sql(`select search_waits() ->> 'waiting' as waiting`);
    isWaiting = rows[0]!['waiting'] === 'true';
  }
}

async function page(query: Record<string, string>): Promise<Found> {
  const address = new URLSearchParams({ organization_id: scenario.organizationId, ...query });
  const { status, body } = await http.api.call<Found>('GET', `/api/messages?${address.toString()}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

/** All that is found, by whatever number of pages. */
async function search(words: string, query: Record<string, string> = {}): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const answer: Found = await page({ ...query, search: words, ...(cursor !== '' && { cursor }) });
    found.push(...answer.messages.map(({ content }) => content));
    cursor = answer.next_cursor;
  }
  return found;
}

const PLACES: [string, () => Promise<void>][] = [
  ['as it was stored', () => Promise.resolve()],
  ['as it was taken up', takeUpAll],
  ['far down, before it was taken up', addOthers],
  [
    'far down, by the index',
    async () => {
      await addOthers();
      await takeUpAll();
    },
  ],
];

describe('long messages', () => {
  it('are taken up a few at a time, so that nobody waits for them', async () => {
    await received(...Array.from({ length: 12 }, (_, index) => `needle ${index} ${'hay '.repeat(15_000)}`));
    const taken: number[] = [];
    for (let isWaiting = true; isWaiting;) {
      const { rows } = await database.sql(`select take_up_messages('{"limit": 400}') ->> 'taken' as taken`);
      taken.push(Number(rows[0]!['taken']));
      const { rows: left } = await database.sql(`select search_waits() ->> 'waiting' as waiting`);
      isWaiting = left[0]!['waiting'] === 'true';
    }

    expect(Math.max(...taken)).toBeLessThanOrEqual(3);
    expect(await search('needle')).toHaveLength(12);
  });

  it.each(PLACES)('are found by their first 10,000 characters, %s', async (_place, put) => {
    await received(`first ${'hay '.repeat(3_000)} last`);
    await put();

    expect([await search('first'), await search('last')]).toMatchObject([{ length: 1 }, { length: 0 }]);
  });
});

describe.each(PLACES)('a message is found, %s,', (_place, put) => {
  it.each([
    ['without accents', 'Você não pode às três?', 'VOCE nao TRES'],
    ['with accents that it lacks', 'Sao Paulo amanha', 'São amanhã'],
    ['by a part of a word', 'Agendamento confirmado', 'gendam'],
    ['by words in any order, with any space', 'Corte de cabelo\nàs 15h', ' 15h   corte'],
    ['by two letters', 'ok then', 'OK'],
    ['by one letter', 'vitamin é', 'é'],
    ['with letters that are two', 'Straße Ægir', 'STRASSE aegir'],
    ['in Cyrillic', 'Привет, Ёжик', 'ПРИВЕТ еж'],
    ['in Greek', 'Καλημέρα Οδυσσεύς', 'ΚΑΛΗΜΕΡΑ οδυσσευσ'],
    ['in Arabic, without vowel signs', 'مُحَمَّد كتب رسالة', 'محمد رسال'],
    ['in Hebrew', 'שָׁלוֹם עולם', 'שלום'],
    ['in Chinese, by one character', '我想预约明天', '约'],
    ['in Chinese, by two', '我想预约明天', '预约'],
    ['in Korean', '내일 예약 부탁해요', '예약'],
    ['by an emoji', 'See you 🎉!', '🎉'],
    ['by an emoji with a variant', 'love ❤️', '❤'],
    ['by a percent sign', 'costs 50% less', '50%'],
    ['by an underscore', 'file my_report_2', 'y_rep'],
    ['by a backslash', 'in C:\\temp', 'c:\\t'],
    ['by quotes', `she said "it's"`, `"it's"`],
  ])('%s', async (_how, text, words) => {
    await received('to my sky', text);
    await put();

    expect(await search(words)).toEqual([text]);
  });

  it.each([
    ['a wildcard', '%'],
    ['another one', 'h_i'],
    ['one of words that are apart', 'hello xyzzy'],
    ['letters across two words', 'othello'],
    ['another emoji', '🎈'],
  ])('and not by %s', async (_what, words) => {
    await received('to hello hi', 'xyz');
    await put();

    expect(await search(words)).toEqual([]);
  });

  it('newest first and once, in pages of any size, and by the filters', async () => {
    await received(...Array.from({ length: 7 }, (_, index) => `pedido ${index}`));
    await put();
    await received('pedido 7');
    const newestFirst = [7, 6, 5, 4, 3, 2, 1, 0].map((index) => `pedido ${index}`);

    expect(await search('pedido')).toEqual(newestFirst);
    expect(await search('pedido', { limit: '3' })).toEqual(newestFirst);
    expect(await search('pedido', { direction: 'outbound' })).toEqual([]);
    expect(await search('pedido', { direction: 'inbound', type: 'text' })).toEqual(newestFirst);
    expect(await search('pedido', { type: 'image' })).toEqual([]);
    expect(await search('pedido', { instance_id: scenario.instanceId })).toEqual(newestFirst);
    expect(await search('pedido', { sent_before: '2025-10-02T12:00:00Z' })).toEqual([]);
    expect(await search('pedido', { sent_from: '2025-10-02T12:00:00Z' })).toEqual(newestFirst);
    const contact = (await scenario.contactOf(ANA))!;
    expect(await search('pedido', { contact_id: contact.id, limit: '2' })).toEqual(newestFirst);
  });

  it('of one number and in one direction, and of no number of others', async () => {
    const second = await scenario.takenOver('5511900000002');
    const stranger = await Scenario.create(database as unknown as TestDatabase);
    await received('pedido of the first');
    for (const other of [second, stranger]) {
      await other.ingest(await other.received({ phone: ANA, text: 'pedido of another' }));
    }
    await database.sql(
      `insert into messages (organization_id, contact_id, instance_id, direction, content)
        select organization_id, contact_id, instance_id, 'outbound', 'pedido sent' from messages
        where organization_id = $1::text and instance_id = $2::text::uuid`,
      [scenario.organizationId, second.instanceId],
    );
    await put();

    const [first, another] = [scenario, second].map(({ instanceId }) => ({ instance_id: instanceId }));
    expect(await search('pedido')).toEqual(['pedido sent', 'pedido of another', 'pedido of the first']);
    expect(await search('pedido', first)).toEqual(['pedido of the first']);
    expect(await search('pedido', another)).toEqual(['pedido sent', 'pedido of another']);
    expect(await search('pedido', { direction: 'outbound' })).toEqual(['pedido sent']);
    expect(await search('pedido', { direction: 'inbound' })).toEqual([
      'pedido of another',
      'pedido of the first',
    ]);
    expect(await search('pedido', { ...another, direction: 'inbound' })).toEqual(['pedido of another']);
    expect(await search('pedido', { ...another, direction: 'outbound', limit: '1' })).toEqual([
      'pedido sent',
    ]);
    expect(await search('pedido', { ...first, direction: 'outbound' })).toEqual([]);
    expect(await search('pedido', { instance_id: stranger.instanceId })).toEqual([]);
  });

  it('by its text as it is now', async () => {
    await received('the first word', 'a secret');
    await put();
    const change = `update messages set content = $2::text, edited_at = now() where organization_id = $1::text and content = $3::text`;
    await database.sql(change, [scenario.organizationId, 'the second thing', 'the first word']);
    await database.sql(change.replace('edited_at', 'deleted_at'), [scenario.organizationId, '', 'a secret']);

    expect(await search('first')).toEqual([]);
    expect(await search('second')).toEqual(['the second thing']);
    expect(await search('secret')).toEqual([]);
    const { rows } = await database.sql(
      `select count(*)::int as n from message_search where organization_id = $1::text and words ~ 'secret|first'`,
      [scenario.organizationId],
    );
    expect(rows[0]!['n']).toBe(0);
  });

  it('until its contact is erased', async () => {
    await received('medical history');
    await put();
    const contact = (await scenario.contactOf(ANA))!;
    const path = `/api/contacts/${contact.id}?organization_id=${scenario.organizationId}`;
    expect((await http.api.call('DELETE', path)).status).toBe(200);

    expect(await search('medical')).toEqual([]);
    const { rows } = await database.sql(
      `select count(*)::int as n from message_search where organization_id = $1::text and words like '%medical%'`,
      [scenario.organizationId],
    );
    expect(rows[0]!['n']).toBe(0);
  });

  it('by nobody else', async () => {
    await received('between us');
    await put();
    const other = await Scenario.create(database as unknown as TestDatabase);
    const address = `/api/messages?organization_id=${other.organizationId}&search=between`;

    expect((await http.api.call<Found>('GET', address)).body.messages).toEqual([]);
    expect(await search('between')).toEqual(['between us']);
  });

  it('in a group only where that is asked for', async () => {
    await received('agenda in a chat');
    const { rows } = await database.sql(
      `insert into groups (organization_id, instance_id, jid) values ($1::text, $2::text::uuid, $2 || '@g.us') returning id`,
      [scenario.organizationId, scenario.instanceId],
    );
    const groupId = String(rows[0]!['id']);
    await database.sql(
      `insert into messages (organization_id, instance_id, group_id, direction, content, chat_jid)
        values ($1::text, $2::text::uuid, $3::text::uuid, 'inbound', 'agenda in a group', 'x@g.us')`,
      [scenario.organizationId, scenario.instanceId, groupId],
    );
    await put();

    expect(await search('agenda')).toEqual(['agenda in a chat']);
    expect(await search('agenda', { group_id: groupId })).toEqual(['agenda in a group']);
  });

  it('by who goes on to newer ones', async () => {
    await received('pedido 0');
    await put();
    await received('pedido 1');
    let { messages, previous_cursor: cursor, next_cursor: next } = await page({ search: 'pedido 0' });
    while (messages.length === 0) {
      ({
        messages,
        previous_cursor: cursor,
        next_cursor: next,
      } = await page({ search: 'pedido 0', cursor: next! }));
    }
    expect(messages.map(({ content }) => content)).toEqual(['pedido 0']);
    const contents: string[] = [];
    // Empty pages are of what was looked through; the last one keeps its place.
    for (let last: string | null = null; cursor !== last;) {
      last = cursor;
      ({ messages, previous_cursor: cursor } = await page({ search: 'pedido', cursor: cursor!, limit: '1' }));
      contents.push(...messages.map(({ content }) => content));
    }
    expect(contents).toEqual(['pedido 1']);

    await received('pedido 2');
    expect((await page({ search: 'pedido', cursor: cursor! })).messages).toMatchObject([
      { content: 'pedido 2' },
    ]);
  });
});

it.each([
  ['search=', 'must not be empty'],
  [`search=${'x'.repeat(101)}`, 'must not be longer than 100 characters (it has 101)'],
  ['search=a+b+c+d+e+f+g+h+i', 'must not have more than 8 words (it has 9)'],
  ['search=%00', 'must not hold control characters'],
  ['search=a&search=b', 'must be a string'],
])('refuses %s', async (query, message) => {
  const { status, body } = await http.api.call(
    'GET',
    `/api/messages?organization_id=${scenario.organizationId}&${query}`,
  );

  expect({ status, body }).toMatchObject({
    status: 400,
    body: { code: 'validation_failed', details: [{ path: 'search', message }] },
  });
});

it('finds nothing by what is nothing but accents', async () => {
  await received('hello');

  expect(await search('\u0301')).toEqual([]);
});

describe('contacts and conversations are found', () => {
  beforeEach(async () => {
    const people = [
      { phone: ANA, name: 'Ana Gonçalves', text: 'one' },
      { phone: BIA, name: 'Beatriz Araújo', text: 'two' },
      { phone: '5511988880003', name: 'ANA Souza_100%', text: 'three' },
    ];
    await scenario.ingest(await scenario.received(...people));
  });

  const names = async (list: 'contacts' | 'conversations', query: Record<string, string>) => {
    const address = new URLSearchParams({ organization_id: scenario.organizationId, ...query });
    const { body } = await http.api.call<Record<string, { name?: string; contact?: { name: string } }[]>>(
      'GET',
      `/api/${list}?${address.toString()}`,
    );
    return body[list]!.map(({ name, contact }) => name ?? contact?.name);
  };

  it.each(['contacts', 'conversations'] as const)('%s', async (list) => {
    expect(await names(list, { search: 'goncalves' })).toEqual(['Ana Gonçalves']);
    expect(new Set(await names(list, { search: 'ANA' }))).toEqual(
      new Set(['ANA Souza_100%', 'Ana Gonçalves']),
    );
    expect(await names(list, { search: 'gonç ána' })).toEqual(['Ana Gonçalves']);
    expect(await names(list, { search: 'a' })).toHaveLength(3);
    expect(await names(list, { search: '_1' })).toEqual(['ANA Souza_100%']);
    expect(await names(list, { search: 'a%a' })).toEqual([]);
    expect(await names(list, { search: '88880002' })).toEqual(['Beatriz Araújo']);
    expect(await names(list, { search: '+55 (11) 98888-0002' })).toEqual(['Beatriz Araújo']);
    // Without the ninth digit, as WhatsApp may know it.
    expect(await names(list, { search: '551188880002' })).toEqual(['Beatriz Araújo']);
  });

  it('by their name from now on', async () => {
    const contact = (await scenario.contactOf(BIA))!;
    await scenario.contacts.renameContact(scenario.organizationId, contact.id, { name: 'Doutora Bia' });

    expect(await names('contacts', { search: 'araujo' })).toEqual([]);
    expect(await names('conversations', { search: 'doutora' })).toEqual(['Doutora Bia']);
  });

  it('in the order that is asked for', async () => {
    const byName = await names('contacts', { sort: 'name' });
    expect(byName).toHaveLength(3);
    expect(await names('contacts', { sort: '-name' })).toEqual(byName.toReversed());
    expect(await names('contacts', { sort: 'created_at' })).toEqual(
      (await names('contacts', {})).toReversed(),
    );
  });
});
