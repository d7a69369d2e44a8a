import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/databases.js';

const CONTACTS = 30_000;
const MESSAGES = 30_000;
const PHONE = '5511900012345';

let opened: TestDatabase;
let database: pg.Client;
let instanceId: string;
/** From which nothing was sent. */
let receivingInstanceId: string;
let contactId: string;

beforeAll(async () => {
  opened = await openTestDatabase('postgres');
  database = new pg.Client({ connectionString: opened.url });
  await database.connect();
  await database.query(`insert into organizations (id) values ('org_a'), ('org_b')`);
  instanceId = await addInstance();
  receivingInstanceId = await addInstance();
  await database.query(
    `insert into contacts (organization_id, phone_number, name, created_at)
      select o, (5511900000000 + n)::text, 'Ana ' || n, now() - make_interval(secs => n)
      from generate_series(1, $1::int) n, unnest(array['org_a', 'org_b']) o`,
    [CONTACTS],
  );
  await database.query(
    `insert into messages (organization_id, contact_id, instance_id, direction, content, chat_key, status,
        whatsapp_message_id, chat_jid)
      select 'org_a', c.id, $1, case n % 2 when 0 then 'inbound' else 'outbound' end, 'hi', n::text, 'received', 'ID' || n,
        c.phone_number || '@s.whatsapp.net'
      from generate_series(1, $2::int) n
      join contacts c on c.organization_id = 'org_a' and c.phone_number = (5511900000000 + n)::text`,
    [instanceId, MESSAGES],
  );
  await database.query(
    `insert into notes (organization_id, instance_id, content, chat_key, whatsapp_message_id)
      select 'org_a', $1, 'hi', n || '@lid', 'ID' || n from generate_series(1, $2::int) n`,
    [instanceId, MESSAGES],
  );
  await database.query(
    `insert into messages (organization_id, instance_id, direction, content, chat_key, status, whatsapp_message_id, chat_jid)
      select 'org_a', $1, 'outbound', 'hi', 'own', 'sent', 'OWN' || n, 'own' from generate_series(1, $2::int) n`,
    [instanceId, MESSAGES],
  );
  const found = await database.query<{ id: string }>(
    `select id from contacts where organization_id = 'org_a' and phone_number = $1`,
    [PHONE],
  );
  contactId = found.rows[0]!.id;
  await database.query(
    `insert into messages (organization_id, instance_id, direction, content, chat_key, status, whatsapp_message_id, chat_jid)
      select 'org_a', $1, 'inbound', 'hi', 'own', 'received', 'IN' || n, 'own' from generate_series(1, $2::int) n`,
    [receivingInstanceId, MESSAGES],
  );
  for (let isMore = true; isMore;) {
    const taken = await database.query<{ is_more: boolean }>(
      `select (take_up_messages('{"limit": 10000}') ->> 'more')::boolean or (search_waits() ->> 'waiting')::boolean as is_more`,
    );
    isMore = taken.rows[0]!.is_more;
  }
  await database.query('vacuum analyze contacts, messages, notes, conversations');
});
afterAll(async () => {
  await database.end();
  await opened.close();
});

async function addInstance(): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `insert into whatsapp_instances (organization_id, instance_name) values ('org_a', gen_random_uuid()::text) returning id`,
  );
  return rows[0]!.id;
}

/** How many pages of tables and indexes a call of a function touches, when it has been planned for any argument. */
async function pagesTouched(text: string, values: unknown[]): Promise<number> {
  await database.query(`set plan_cache_mode = 'force_generic_plan'`);
  const { rows } = await database.query<{ 'QUERY PLAN': { Plan: Record<string, number> }[] }>(
    `explain (analyze, buffers, timing off, format json) ${text}`,
    values,
  );
  const plan = rows[0]!['QUERY PLAN'][0]!.Plan;
  return plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!;
}

/** What a list of messages may ask for. */
interface Filter {
  contact_id?: true;
  instance?: 'main' | 'receiving';
  direction?: string;
  type?: string;
  status?: string;
  before?: number;
}

describe('a look-up by what belongs to a person costs a few pages of tens of thousands of rows', () => {
  const search = (p: object) =>
    pagesTouched('select search_contacts($1::text::jsonb)', [
      JSON.stringify({ organization_id: 'org_a', limit: 21, ...p }),
    ]);

  it.each([
    ['a number', { numbers: [PHONE, '551190012345'] }, 60],
    ['a number that there is not', { numbers: ['1', '2'] }, 60],
    ['a number and a name', { numbers: [PHONE], name: '%Ana%', parts: [] }, 60],
    ['nothing: the newest', {}, 60],
    [
      'what comes after a contact far down',
      { before_time: new Date(Date.now() - 20_000_000).toISOString(), before_id: randomUUID() },
      60,
    ],
    ['a name that many have', { name: '%ana%', parts: ['%ana%'] }, 60],
    ['words that many have', { search: 'ana' }, 100],
    ['words that one has', { search: 'ana 12345' }, 100],
    ['a part of a number that one has', { search: '900012345', parts: ['900012345'] }, 100],
    ['words that nobody has', { search: 'xyzzy' }, 100],
    ['two letters that many have', { search: 'an' }, 100],
    ['two letters that many have, by name', { search: 'an', sort: 'name' }, 150],
    ['two letters that nobody has', { search: 'zq' }, 100],
    ['one letter that nobody has', { search: 'z' }, 100],
  ])('contacts by %s', async (_, p, bound) => {
    // Plans of the function are made at its first call.
    await search(p);

    expect(await search(p)).toBeLessThanOrEqual(bound);
  });

  it.each([
    ['the newest', {}],
    ['far down', { before: CONTACTS / 10 }],
    ['against the order', { after: CONTACTS / 10 }],
  ])('conversations, %s', async (_, p) => {
    const list = () =>
      pagesTouched('select list_conversations($1::text::jsonb)', [
        JSON.stringify({ organization_id: 'org_a', limit: 11, ...p }),
      ]);
    await list();

    expect(await list()).toBeLessThanOrEqual(400);
  });

  it.each<[string, Filter]>([
    ['an organization', {}],
    ['a contact', { contact_id: true }],
    ['an instance and a direction', { instance: 'main', direction: 'outbound' }],
    ['an instance and a direction that it has none of', { instance: 'receiving', direction: 'outbound' }],
    ['an organization, from the middle on', { before: MESSAGES / 2 }],
    ['a type that there is none of', { type: 'image' }],
    ['a status that none has', { status: 'failed' }],
  ])('messages of %s', async (_, { contact_id: ofContact, instance, ...filter }) => {
    const p = {
      organization_id: 'org_a',
      limit: 21,
      ...filter,
      ...(ofContact && { contact_id: contactId }),
      ...(instance && { instance_id: instance === 'main' ? instanceId : receivingInstanceId }),
    };
    const list = () => pagesTouched('select list_messages($1::text::jsonb)', [JSON.stringify(p)]);
    await list();

    expect(await list()).toBeLessThanOrEqual(150);
  });

  it.each([
    ['whether anything waits to be taken up', 'select search_waits()', () => []],
    [
      'what was sent under an id',
      'select find_outbound_content($1::text::jsonb)',
      () => [JSON.stringify({ instance_id: instanceId, whatsapp_message_id: 'ID12345' })],
    ],
    [
      'where somebody wrote from',
      `select conversation_address('org_a', $1, $2::text::jsonb, $3)`,
      () => [instanceId, JSON.stringify([PHONE, '551190012345']), null],
    ],
    [
      'what was written to somebody who is a contact now',
      'select join_conversations($1)',
      () => [[contactId]],
    ],
  ])('%s', async (_, text, values) => {
    await pagesTouched(text, values());

    expect(await pagesTouched(text, values())).toBeLessThanOrEqual(80);
  });
});
