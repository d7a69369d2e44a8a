import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConversationsRepository } from '../../src/conversations/conversations.repository.js';
import { ReadsRepository } from '../../src/repositories/reads.repository.js';
import { MessageSearchRepository } from '../../src/search/message-search.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const SOON = { timeout: 30_000, interval: 50 };
const ANA = '5511988887777';
const BIA = '5521988776655';
/** `SEED=8 STEPS=1000` goes another way, and further. */
const SEED = Number(process.env['SEED'] ?? 7);
const STEPS = Number(process.env['STEPS'] ?? 40);

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

  it('show what somebody wrote, not what only changes it', async () => {
    await wrote(ANA, 'A1', 'one');
    const { id } = (await scenario.contactOf(ANA))!;
    await database.sql(
      `insert into messages (organization_id, contact_id, instance_id, direction, content, chat_key, status, change_of)
        select organization_id, contact_id, instance_id, 'outbound', 'an edit', chat_key, 'sent', id
        from messages where contact_id = $1::uuid`,
      [id],
    );

    expect(await shown()).toEqual([[ANA, 'one', 1]]);
    await takeUp();
    expect(await shown()).toEqual([[ANA, 'one', 1]]);
  });

  const takeUpSome = async (limit: number) => {
    const messages = new MessageSearchRepository(database.client);
    await messages.takeUp(limit);
    return messages.takeUp(limit);
  };
  /** All: an ordinal counts when the transactions are over that had begun when it was noted, other databases' among them. */
  const takeUp = async () => {
    const { rows } = await database.sql('select last_value from public.messages_ordinal_seq');
    await expect
      .poll(async () => {
        await takeUpSome(100);
        const progress = await database.sql(
          `select taken_until >= $1::bigint as all from search_progress where subject = 'messages'`,
          [String(rows[0]!['last_value'])],
        );
        return progress.rows[0]?.['all'];
      }, SOON)
      .toBe(true);
    await takeUpSome(100);
  };
  const allPages = async (limit: number) => {
    const idsOf = ({ items }: Awaited<ReturnType<typeof list>>) => items.map(({ contact }) => contact.id);
    let page = await list(limit);
    const forth = idsOf(page);
    while (page.nextCursor !== null) {
      page = await list(limit, page.nextCursor);
      forth.push(...idsOf(page));
    }
    const back = idsOf(page);
    // New ones may come before the first page: it leads on, to none yet.
    while (page.items.length > 0) {
      page = await list(limit, page.previousCursor!);
      back.unshift(...idsOf(page));
    }
    return { forth, back };
  };
  const byMessages = async () => {
    const { rows } = await database.sql(
      `select contact_id from messages
        where organization_id = $1::text and contact_id is not null and change_of is null
        group by contact_id order by max(ordinal) desc`,
      [scenario.organizationId],
    );
    return rows.map((row) => String(row['contact_id']));
  };

  it(
    'are the same whatever was taken up of messages that come, go and move',
    { timeout: 120_000 },
    async () => {
      const phones = Array.from({ length: 7 }, (_, index) => `552198877000${index}`);
      const random = numbersFrom(SEED);
      const idOf = async () => {
        const ids = await byMessages();
        return ids[random(ids.length)]!;
      };
      const merges: { contactId: string; mergeId: string }[] = [];
      const { organizationId, instanceId } = scenario;
      const steps: (() => Promise<unknown>)[] = [
        () => wrote(phones[random(phones.length)]!, randomUUID(), 'hi'),
        () => takeUpSome(1 + random(3)),
        () => takeUpSome(100),
        async () =>
          database.sql(
            `delete from messages where id = (
            select id from messages where contact_id = $1::uuid order by ordinal desc limit 1)`,
            [await idOf()],
          ),
        // Of somebody who was known, or who was not.
        async () => {
          const { rows } = await database.sql(
            `insert into contacts (organization_id, phone_number) values ($1::text, $2::text) returning id`,
            [organizationId, `55219800${random(90_000) + 10_000}`],
          );
          const contactId = random(2) === 0 ? await idOf() : String(rows[0]!['id']);
          await database.sql(
            `insert into messages (ordinal, organization_id, contact_id, instance_id, direction, chat_key, status, whatsapp_message_id)
            overriding system value
            values ($1::bigint, $2::text, $3::uuid, $4::uuid, 'inbound', $3::text, 'received', $5::text)`,
            [String(-1 - random(1_000_000)), organizationId, contactId, instanceId, randomUUID()],
          );
        },
        async () => {
          const [contactId, mergedId] = [await idOf(), await idOf()];
          if (contactId !== mergedId) {
            const bookingPolicy = scenario.policy;
            const merged = await scenario.contacts.mergeContacts(organizationId, {
              contactId,
              mergedId,
              bookingPolicy,
            });
            merges.push({ contactId, mergeId: merged!.mergeId });
          }
        },
        async () => {
          const merge = merges.pop();
          if (merge) {
            await scenario.contacts.unmergeContact(organizationId, merge.contactId, merge.mergeId);
          }
        },
        // What a worker leaves that had seen a message which is deleted meanwhile.
        async () => {
          const id = await idOf();
          await database.sql(
            `insert into conversations (contact_id, organization_id, ordinal) values ($1::uuid, $2::text, 9)
            on conflict (contact_id) do update set ordinal = 9`,
            [id, organizationId],
          );
          await database.sql(
            `insert into changed_conversations (contact_id, organization_id) values ($1::uuid, $2::text)
            on conflict (contact_id) do nothing`,
            [id, organizationId],
          );
        },
      ];
      for (const phone of phones) {
        await wrote(phone, randomUUID(), 'hi');
      }
      for (let place = 0; place < STEPS; place += 1) {
        if ((await byMessages()).length < 3) {
          await wrote(phones[random(phones.length)]!, randomUUID(), 'hi');
        }
        const step = random(steps.length);
        await steps[step]!();
        const expected = await byMessages();
        expect([place, step, await allPages(3)]).toEqual([place, step, { forth: expected, back: expected }]);
      }
    },
  );

  it('are taken up while somebody deletes messages', async ({ skip }) => {
    if (database.url === undefined) {
      skip('it has one connection alone');
    }
    await wrote(ANA, 'A1', 'one');
    await wrote(BIA, 'B1', 'two');
    await wrote(ANA, 'A2', 'three');
    await takeUp();
    const deleter = new pg.Client({ connectionString: database.url });
    await deleter.connect();
    const deletes = (id: string) =>
      deleter.query(`delete from messages where organization_id = $1 and whatsapp_message_id = $2`, [
        scenario.organizationId,
        id,
      ]);
    try {
      await deletes('A2');
      await deleter.query('begin');
      await deletes('A1');

      await takeUp();
      expect(await shown()).toEqual([
        [BIA, 'two', 1],
        [ANA, 'one', 1],
      ]);
      await deleter.query('commit');

      expect(await shown()).toEqual([[BIA, 'two', 1]]);
      await takeUp();
      expect(await shown()).toEqual([[BIA, 'two', 1]]);
    } finally {
      await deleter.end();
    }
  });
});

/** @returns gives numbers below a bound, the same ones in each run (a linear congruential generator) */
function numbersFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
