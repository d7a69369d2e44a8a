import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditRepository, type NewAuditEntry } from '../../src/repositories/audit.repository.js';
import type { NewOutboundText, OutboundPerson } from '../../src/repositories/outbound-message.js';
import { FencedError } from '../../src/repositories/fenced-error.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const LONG = '5511988887777';
const STRANGER = '5521977776666';
const ELSEWHERE = { chatJid: '77@lid', phone: STRANGER, lid: '77' };

describe.each(TEST_STORES)('a message to somebody, on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  const begin = (person: OutboundPerson, values: Partial<NewOutboundText> = {}) =>
    scenario.messages.beginOutboundTo({
      instanceId: scenario.instanceId,
      organizationId: scenario.organizationId,
      whatsappMessageId: `3EB0${randomUUID()}`,
      content: 'hello',
      contentType: 'text',
      ...person,
      ...values,
    });

  /** What the same call answers afterwards. */
  const later = (first: Awaited<ReturnType<typeof begin>>) => ({
    ...first,
    wasThere: true,
    events: [],
    message: { ...first.message, unchangedMs: expect.any(Number) as number },
  });

  /** Somebody writes, from this chat. */
  async function wrote(phone: string, chat = `${phone}@s.whatsapp.net`): Promise<void> {
    const items = await scenario.received({ phone });
    await scenario.ingest(items);
    await database.sql('update messages set chat_jid = $2::text where whatsapp_message_id = $1::text', [
      items[0]!.messageId!,
      chat,
    ]);
  }

  describe('whose number is given', () => {
    it.each([
      [`${LONG}@s.whatsapp.net`, `${LONG}@s.whatsapp.net`],
      ['42@lid', '42@lid'],
      ['42:7@lid', '42@lid'],
      [`${LONG}_1:7@s.whatsapp.net`, `${LONG}@s.whatsapp.net`],
      [`${LONG}@c.us`, `${LONG}@s.whatsapp.net`],
    ])('goes where the person wrote from last: %s', async (chat, expected) => {
      await wrote(LONG, 'old@lid');
      await wrote(LONG, chat);

      const { message } = await begin({ numbers: [LONG], otherwise: ELSEWHERE });

      expect(message).toMatchObject({ chatJid: expected, contactId: (await scenario.contactOf(LONG))!.id });
    });

    it.each<[string, () => Promise<void>, string[]?]>([
      ['nobody wrote', () => Promise.resolve()],
      ['somebody else wrote', () => wrote(STRANGER)],
      ['the last message came from no chat of a person', () => wrote(LONG, '1203@g.us')],
      [
        'the person wrote to another instance',
        async () => {
          await wrote(LONG);
          scenario.instanceId = await scenario.addInstance();
        },
      ],
      ['there are no numbers', () => Promise.resolve(), []],
    ])('is not stored where %s, unless it is said where else', async (_, prepare, numbers = [LONG]) => {
      await prepare();
      const before = await scenario.count('messages');

      expect(await begin({ numbers })).toMatchObject({ message: null, wasThere: false });
      expect(await scenario.count('messages')).toBe(before);
      expect((await begin({ numbers, otherwise: ELSEWHERE })).message).toMatchObject({ chatJid: '77@lid' });
      expect((await scenario.contactOf(STRANGER))?.lid).toBe('77');
    });

    it('goes to the contact of the likeliest number', async () => {
      await wrote(STRANGER);
      await wrote(LONG);

      const jids = [
        [LONG, STRANGER],
        [STRANGER, LONG],
        ['1', STRANGER],
      ].map(async (numbers) => (await begin({ numbers })).message?.chatJid);

      expect(await Promise.all(jids)).toEqual(
        [LONG, STRANGER, STRANGER].map((user) => `${user}@s.whatsapp.net`),
      );
    });

    it('is found under its idempotency key also where nobody knows where to', async () => {
      const key = { idempotencyKey: 'order 1', requestHash: 'abc' };
      const first = await begin({ numbers: [LONG], otherwise: ELSEWHERE }, key);

      expect(first.wasThere).toBe(false);
      expect(await begin({ numbers: [LONG] }, key)).toEqual(later(first));
    });

    it('is nothing to an organization that the instance does not belong to', async () => {
      await wrote(LONG);

      await expect(begin({ numbers: [LONG] }, { organizationId: 'org_other' })).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });

  describe('with an entry of the audit log', () => {
    const person = { numbers: [LONG], otherwise: ELSEWHERE };
    const entry = (): NewAuditEntry => ({
      actor: { kind: 'api-key', id: randomUUID(), name: 'front desk' },
      action: 'POST /api/x',
      scope: { organizationIds: [scenario.organizationId] },
      callId: randomUUID(),
    });
    const entries = async () => {
      const audit = new AuditRepository(database.client);
      const { items } = await audit.listEntries(
        { organizationIds: [scenario.organizationId] },
        { limit: 50 },
      );
      return items.map(({ id, outcome }) => [id, outcome]);
    };

    it('is stored together with it, once however often that is tried', async () => {
      const values = { whatsappMessageId: '3EB0A', audit: entry() };

      const [first, again] = [await begin(person, values), await begin(person, values)];

      expect(again).toEqual(later(first));
      expect(await entries()).toEqual([[String(first.auditId), 'begun']]);
      expect(await new AuditRepository(database.client).insertEntry(values.audit)).toBe(first.auditId);
      expect(await entries()).toHaveLength(1);
    });

    it('has one of its own for each call under a key', async () => {
      const key = { idempotencyKey: 'order 1', requestHash: 'abc' };
      const first = await begin(person, { ...key, audit: entry() });
      const second = await begin(person, { ...key, audit: entry() });

      expect(second.message).toEqual(later(first).message);
      expect(await entries()).toEqual(
        [first, second].map(({ auditId }) => [String(auditId), 'begun']).toReversed(),
      );
    });

    it('has none where it is not stored', async () => {
      await begin({ numbers: [LONG] }, { audit: entry() });
      await expect(begin(person, { audit: entry(), epoch: 99 })).rejects.toBeInstanceOf(FencedError);

      expect(await entries()).toEqual([]);
      expect(await scenario.count('messages')).toBe(0);
    });
  });
});
