import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConversationsRepository } from '../../src/conversations/conversations.repository.js';
import { ReadsRepository } from '../../src/repositories/reads.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const ANA = '5511988887777';
const BIA = '5521988776655';

describe.each(TEST_STORES)('conversations, on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let reads: ReadsRepository;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    reads = new ReadsRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  const wrote = async (phone: string, id: string, text: string) =>
    scenario.ingest(await scenario.received({ phone, id, text }));
  const list = (limit = 10, cursor?: string) =>
    new ConversationsRepository(database.client).listConversations(scenario.organizationId, {
      limit,
      cursor,
    });
  const shown = async () =>
    (await list()).items.map(({ contact, lastMessage, unreadCount }) => [
      contact.phoneNumber,
      lastMessage.content,
      unreadCount,
    ]);

  it('are in the order of their last message, with what is unread, page by page', async () => {
    await wrote(ANA, 'A1', 'one');
    await wrote(BIA, 'B1', 'two');
    await wrote(ANA, 'A2', 'three');

    expect(await shown()).toEqual([
      [ANA, 'three', 2],
      [BIA, 'two', 1],
    ]);
    const first = await list(1);
    expect(first.items[0]?.openBooking).toMatchObject({
      status: 'pending',
      contactId: first.items[0]?.contact.id,
    });
    const second = await list(1, first.nextCursor!);
    expect(second.items.map(({ contact }) => contact.phoneNumber)).toEqual([BIA]);
    expect(second.nextCursor).toBeNull();
  });

  it('have nothing unread once they were read, and say so once', async () => {
    await wrote(ANA, 'A1', 'one');
    await wrote(ANA, 'A2', 'two');
    const { id } = (await scenario.contactOf(ANA))!;

    const read = (await reads.readContact(scenario.organizationId, id))!;

    expect(read.count).toBe(2);
    expect(read.chats.map(({ instanceId, ids }) => [instanceId, ids])).toEqual([
      [scenario.instanceId, ['A1', 'A2']],
    ]);
    expect(read.events).toMatchObject([
      { name: 'whatsapp:contact', payload: { contactId: id, change: 'read' } },
    ]);
    expect(await shown()).toEqual([[ANA, 'two', 0]]);
    expect(await reads.readContact(scenario.organizationId, id)).toMatchObject({ count: 0, events: [] });
    expect(await reads.readContact('org_other', id)).toBeNull();
    await wrote(ANA, 'A3', 'three');
    expect(await shown()).toEqual([[ANA, 'three', 1]]);
  });

  it('are read up to the message that was read on the phone, and what is not stored yet is named', async () => {
    await wrote(ANA, 'A1', 'one');
    await wrote(ANA, 'A2', 'two');
    const { instanceId } = scenario;
    const note = (whatsappMessageId: string, phone: string) =>
      reads.noteRead([{ instanceId, whatsappMessageId, chat: { phone } }]);

    expect((await note('A1', ANA)).events).toHaveLength(1);
    expect(await shown()).toEqual([[ANA, 'two', 1]]);
    expect(await note('A1', ANA)).toEqual({ events: [], unknown: [] });
    expect(await note('A2', BIA)).toEqual({ events: [], unknown: [0] });
    expect(await note('A9', ANA)).toEqual({ events: [], unknown: [0] });
  });
});
