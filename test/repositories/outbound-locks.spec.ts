import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

let database: TestDatabase;
let receipts: pg.Client;

beforeAll(async () => {
  database = await openTestDatabase('postgres');
  receipts = new pg.Client({ connectionString: database.url });
  await receipts.connect();
});

afterAll(async () => {
  await receipts.end();
  await database.close();
});

const waiting = async () => {
  const text = `select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return (await receipts.query<{ n: number }>(text)).rows[0]!.n;
};

it('stores a message while a receipt counts one of a contact that is merged for it', async () => {
  const scenario = await Scenario.create(database);
  const { instanceId, organizationId } = scenario;
  const send = (phone: string, lid: string) =>
    scenario.messages.beginOutbound({
      instanceId,
      organizationId,
      epoch: scenario.epoch,
      whatsappMessageId: `3EB0${phone}${lid}`,
      phone,
      lid,
      chatJid: lid ? `${lid}@lid` : `${phone}@s.whatsapp.net`,
      content: 'hello',
      contentType: 'text',
    });
  await send('5521988776655', '');
  const { messageId } = await send('', '77');

  // First the message, then the instance, as `apply_receipts` does.
  await receipts.query('begin');
  await receipts.query('select 1 from messages where id = $1 for update', [messageId]);
  const merging = send('5521988776655', '77');
  await expect.poll(waiting).toBe(1);
  await receipts.query('update whatsapp_instances set messages_sent_count = 1 where id = $1', [instanceId]);
  await receipts.query('commit');

  await expect(merging).resolves.toMatchObject({ status: 'pending' });
  expect(await scenario.count('contacts')).toBe(1);
});
