import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import type { DeliveryStatus } from '../../src/repositories/message.js';
import type { NewOutbound } from '../../src/repositories/outbound-message.js';
import { answerOf } from '../../src/repositories/supabase-error.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const RECIPIENT = { phone: '5521988776655' };
const BOUNDS = { maxAgeMs: 24 * 3_600_000, maxRepeats: 2 };

describe.each(TEST_STORES)('messages on their way out, on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  const outbound = (values: Partial<NewOutbound> = {}): NewOutbound => ({
    instanceId: scenario.instanceId,
    organizationId: scenario.organizationId,
    whatsappMessageId: `3EB0${randomUUID()}`,
    phone: RECIPIENT.phone,
    chatJid: '5521988776655@s.whatsapp.net',
    content: 'hello',
    contentType: 'text',
    ...values,
  });

  async function link(): Promise<void> {
    const { instanceId } = scenario;
    const credentials = {
      instanceId,
      sessionData: Buffer.from('creds'),
      accountPhone: '5511900000001',
      accountLid: '42',
    };
    await scenario.commit({ credentials: [credentials] });
  }

  async function age(messageId: string, hours: number): Promise<void> {
    const text = `update messages set created_at = now() - make_interval(hours => $2::text::int) where id = $1::text::uuid`;
    await database.sql(text, [messageId, String(hours)]);
  }

  const find = (messageId: string) => scenario.messages.findMessage('all', messageId);

  describe('an idempotency key', () => {
    it('gives the first message to everybody, also at the same time', async () => {
      const begun = await Promise.all(
        Array.from({ length: 8 }, () =>
          scenario.messages.beginOutbound(outbound({ idempotencyKey: 'order 1', requestHash: 'abc' })),
        ),
      );

      expect(new Set(begun.map(({ whatsappMessageId }) => whatsappMessageId)).size).toBe(1);
      expect(begun[0]).toMatchObject({
        status: 'pending',
        content: 'hello',
        requestHash: 'abc',
        error: null,
      });
      expect(await scenario.messages.findOutbound(scenario.instanceId, 'order 1')).toEqual({
        ...begun[0],
        unchangedMs: expect.any(Number),
      });
    });

    it('belongs to one instance', async () => {
      const other = await scenario.addInstance();
      const key = { idempotencyKey: 'order 1', requestHash: 'abc' };
      const first = await scenario.messages.beginOutbound(outbound(key));
      const second = await scenario.messages.beginOutbound(outbound({ ...key, instanceId: other }));

      expect(second.messageId).not.toBe(first.messageId);
      expect(await scenario.messages.findOutbound(other, 'order 2')).toBeNull();
    });
  });

  it('lists what is in doubt in the order of storing', async () => {
    const begun = [];
    for (const content of ['a', 'b', 'c', 'd']) {
      begun.push(await scenario.messages.beginOutbound(outbound({ content })));
    }
    await scenario.messages.finishOutbound({ messageId: begun[0]!.messageId, status: 'sent' });
    await scenario.messages.finishOutbound({ messageId: begun[2]!.messageId, status: 'unknown' });

    const open = await scenario.messages.listOpenOutbound(scenario.instanceId, 10);

    expect(open.map(({ content, status }) => [content, status])).toEqual([
      ['b', 'pending'],
      ['c', 'unknown'],
      ['d', 'pending'],
    ]);
    expect(await scenario.messages.listOpenOutbound(scenario.instanceId, 1)).toHaveLength(1);
  });

  describe('a repeat', () => {
    it('is allowed so many times', async () => {
      const { messageId } = await scenario.messages.beginOutbound(outbound());
      const repeat = () => scenario.messages.repeatOutbound(messageId, scenario.epoch, BOUNDS);

      expect([await repeat(), await repeat(), await repeat(), await repeat()]).toEqual([
        { status: 'unknown', error: null },
        { status: 'unknown', error: null },
        { status: 'failed', error: 'not_confirmed' },
        { status: 'failed', error: 'not_confirmed' },
      ]);
    });

    it.each(['sent', 'delivered', 'read'] as const)('is refused for one that is %s', async (status) => {
      const message = outbound();
      const { messageId } = await scenario.messages.beginOutbound(message);
      const { instanceId, whatsappMessageId } = message;
      await scenario.messages.applyReceipts([{ instanceId, whatsappMessageId, status, chat: RECIPIENT }]);

      expect(await scenario.messages.repeatOutbound(messageId, scenario.epoch, BOUNDS)).toEqual({
        status,
        error: null,
      });
    });

    describe('of one that WhatsApp did not take for the moment', () => {
      const failed = async () => {
        const { messageId } = await scenario.messages.beginOutbound(outbound());
        await scenario.messages.finishOutbound({
          messageId,
          status: 'failed',
          error: 'whatsapp_rate_limited',
        });
        return messageId;
      };
      const reopen = (messageId: string, reopened: string) =>
        scenario.messages.repeatOutbound(messageId, scenario.epoch, { ...BOUNDS, reopened });
      const REFUSAL = { status: 'failed', error: 'whatsapp_rate_limited' };

      it('is allowed to who knows the refusal, as often as any, and never turns into doubt', async () => {
        const messageId = await failed();
        expect(await scenario.messages.repeatOutbound(messageId, scenario.epoch, BOUNDS)).toEqual(REFUSAL);
        expect(await reopen(messageId, 'whatsapp_unavailable')).toEqual(REFUSAL);

        for (let time = 0; time < BOUNDS.maxRepeats; time++) {
          expect(await reopen(messageId, 'whatsapp_rate_limited')).toEqual({
            status: 'unknown',
            error: null,
          });
          await scenario.messages.finishOutbound({ messageId, ...REFUSAL, status: 'failed' });
        }

        expect(await reopen(messageId, 'whatsapp_rate_limited')).toEqual(REFUSAL);
        expect((await scenario.messages.findMessage('all', messageId))?.status).toBe('failed');
      });

      it('is refused when it is too old', async () => {
        const messageId = await failed();
        await age(messageId, 25);

        expect(await reopen(messageId, 'whatsapp_rate_limited')).toEqual(REFUSAL);
      });
    });

    it('is refused when the message is too old, or gone', async () => {
      const { messageId } = await scenario.messages.beginOutbound(outbound());
      await age(messageId, 25);

      expect(await scenario.messages.repeatOutbound(messageId, scenario.epoch, BOUNDS)).toEqual({
        status: 'failed',
        error: 'not_confirmed_in_time',
      });
      expect(await scenario.messages.repeatOutbound(randomUUID(), scenario.epoch, BOUNDS)).toEqual({
        status: 'failed',
        error: 'message_deleted',
      });
    });

    it('is refused when the instance has another account by now', async () => {
      await link();
      const { messageId } = await scenario.messages.beginOutbound(outbound());
      expect(await scenario.messages.repeatOutbound(messageId, scenario.epoch, BOUNDS)).toMatchObject({
        status: 'unknown',
      });
      await database.sql(
        `update whatsapp_instances set account_phone = '5511900000009', account_lid = '43' where id = $1::text::uuid`,
        [scenario.instanceId],
      );

      expect(await scenario.messages.repeatOutbound(messageId, scenario.epoch, BOUNDS)).toEqual({
        status: 'failed',
        error: 'account_changed',
      });
    });
  });

  it('is in doubt when another process takes the session over, and given up when the session ends', async () => {
    await link();
    const { messageId } = await scenario.messages.beginOutbound(outbound());
    const sent = await scenario.messages.beginOutbound(outbound());
    await scenario.messages.finishOutbound({ messageId: sent.messageId, status: 'sent' });

    await scenario.takeOverSession(scenario.instanceId, 'node-2');
    const taken = await find(messageId);
    await scenario.store.wipeSession(scenario.instanceId, { epoch: null, deleted: false });

    expect(taken?.status).toBe('unknown');
    expect(await find(messageId)).toMatchObject({ status: 'failed', error: 'session_ended' });
    expect((await find(sent.messageId))?.status).toBe('sent');
  });

  it('is found by whoever stored it, without knowing, before losing the session', async () => {
    await link();
    const message = outbound({ epoch: scenario.epoch });
    const { messageId } = await scenario.messages.beginOutbound(message);
    await scenario.takeOverSession(scenario.instanceId, 'node-2');

    expect(await scenario.messages.beginOutbound(message)).toMatchObject({ messageId, status: 'unknown' });
    expect(await scenario.count('messages')).toBe(1);
  });

  it('is swept when nobody confirmed it in time, whoever runs the instance', async () => {
    const old = await scenario.messages.beginOutbound(outbound());
    const recent = await scenario.messages.beginOutbound(outbound());
    await age(old.messageId, 25);

    const swept = await scenario.messages.sweepOutbound({ maxAgeMs: BOUNDS.maxAgeMs, idleMs: 0 });
    const again = await scenario.messages.sweepOutbound({ maxAgeMs: BOUNDS.maxAgeMs, idleMs: 60_000 });

    expect(swept.expired).toBeGreaterThanOrEqual(1);
    expect(swept.instanceIds).toContain(scenario.instanceId);
    expect(again.instanceIds).not.toContain(scenario.instanceId);
    expect(await find(old.messageId)).toMatchObject({ status: 'failed', error: 'not_confirmed_in_time' });
    expect((await find(recent.messageId))?.status).toBe('pending');
  });

  it('is shown as delivered when a receipt comes after it was given up', async () => {
    const message = outbound();
    const { messageId } = await scenario.messages.beginOutbound(message);
    await scenario.messages.finishOutbound({ messageId, status: 'failed', error: 'not_confirmed_in_time' });
    const { instanceId, whatsappMessageId } = message;
    await scenario.messages.applyReceipts([
      { instanceId, whatsappMessageId, status: 'delivered', chat: RECIPIENT },
    ]);

    expect(await find(messageId)).toMatchObject({ status: 'delivered', error: null });
  });

  describe('its statuses', () => {
    const said = (whatsappMessageId: string, status: DeliveryStatus, seconds: number) => ({
      instanceId: scenario.instanceId,
      whatsappMessageId,
      status,
      at: new Date(Date.now() + seconds * 1_000).toISOString(),
      chat: RECIPIENT,
    });
    const told = (events: OutgoingEvent[]) =>
      events.map(({ sequence, payload }) => [sequence, (payload as { status?: string }).status]);
    const begin = async () => {
      const message = outbound();
      const { messageId, contactId } = await scenario.messages.beginOutbound(message);
      await age(messageId, 1);
      return { id: message.whatsappMessageId, messageId, contactId };
    };

    it('are each told once, in order, with the time of each, and never go back', async () => {
      const { messages, instanceId } = scenario;
      const { id, messageId, contactId } = await begin();
      const at = new Date(Date.now() - 60_000).toISOString();
      const sent = await messages.finishOutbound({ messageId, status: 'sent', at });
      const first = sent[0]!.sequence;

      expect(sent).toEqual([
        {
          organizationId: scenario.organizationId,
          sequence: first,
          name: 'whatsapp:message-status',
          payload: { instanceId, id: messageId, messageId: id, contactId, status: 'sent', timestamp: at },
        },
      ]);
      expect(told(await messages.applyReceipts([said(id, 'read', -20), said(id, 'delivered', -30)]))).toEqual(
        [
          [first + 1, 'delivered'],
          [first + 2, 'read'],
        ],
      );
      expect(await messages.applyReceipts([said(id, 'delivered', 0), said(id, 'read', 0)])).toEqual([]);
      expect(told(await messages.applyReceipts([said(id, 'played', -10)]))).toEqual([[first + 3, 'played']]);
      expect(await messages.finishOutbound({ messageId, status: 'sent' })).toEqual([]);

      const { status, statusAt } = (await find(messageId))!;
      const times = Object.entries(statusAt).toSorted(([, a], [, b]) => a.localeCompare(b));
      expect(status).toBe('played');
      expect(times.map(([name]) => name)).toEqual(['sent', 'delivered', 'read', 'played']);
      expect(statusAt.sent).toBe(at);
    });

    it('get the time that comes late, in its place, without an event', async () => {
      const { messages } = scenario;
      const { id, messageId } = await begin();
      const [read] = await messages.applyReceipts([said(id, 'read', -20)]);
      expect(await messages.applyReceipts([said(id, 'delivered', -5)])).toEqual([]);
      expect(await messages.finishOutbound({ messageId, status: 'sent' })).toEqual([]);

      const { status, statusAt } = (await find(messageId))!;
      expect(status).toBe('read');
      expect(statusAt.read).toBe(read!.payload.timestamp);
      expect(statusAt).toEqual({ sent: statusAt.read, delivered: statusAt.read, read: statusAt.read });
    });

    it('are neither before the message nor in the future, whatever a receipt says', async () => {
      const { messages } = scenario;
      const { id, messageId } = await begin();
      await messages.applyReceipts([said(id, 'delivered', -1e9), said(id, 'read', 1e6)]);

      const { statusAt, createdAt } = (await find(messageId))!;
      expect(statusAt.delivered).toBe(createdAt);
      expect(Date.parse(statusAt.read!)).toBeLessThanOrEqual(Date.now());
    });

    it('tell why it failed, also where nobody waits for it any more', async () => {
      const { messages, organizationId } = scenario;
      await link();
      const ids = [await begin(), await begin(), await begin(), await begin()].map(
        ({ messageId }) => messageId,
      );
      await messages.finishOutbound({ messageId: ids[0]!, status: 'failed', error: 'whatsapp_refused' });
      await age(ids[1]!, 25);
      await messages.repeatOutbound(ids[1]!, scenario.epoch, BOUNDS);
      await age(ids[2]!, 25);
      await messages.sweepOutbound({ maxAgeMs: BOUNDS.maxAgeMs, idleMs: 0 });
      await scenario.store.wipeSession(scenario.instanceId, { epoch: null, deleted: false });

      const { events } = await scenario.events.listEvents(organizationId, { after: 0, limit: 100 });
      const failed = events.filter(({ name }) => name === 'whatsapp:message-status');
      expect(failed.map(({ payload }) => payload)).toEqual(
        ['whatsapp_refused', 'not_confirmed_in_time', 'not_confirmed_in_time', 'session_ended'].map(
          (error, place) => expect.objectContaining({ id: ids[place], status: 'failed', error }),
        ),
      );
    });
  });

  describe('for a person with a number and a LID', () => {
    const LID = '77001122334455';
    const STRANGER = { phone: '5541977665544', lid: '77009988776655' };

    async function sent(values: Partial<NewOutbound> = {}): Promise<{ id: string; messageId: string }> {
      const message = outbound({ lid: LID, ...values });
      const { messageId } = await scenario.messages.beginOutbound(message);
      return { id: message.whatsappMessageId, messageId };
    }

    it.each([
      ['the number', { phone: RECIPIENT.phone }, 'read', true],
      ['the LID', { lid: LID }, 'read', true],
      ['both', { phone: RECIPIENT.phone, lid: LID }, 'read', true],
      ['somebody else', STRANGER, 'pending', false],
      ['nobody', {}, 'pending', false],
      ['the number where a LID belongs', { lid: RECIPIENT.phone }, 'pending', false],
    ] as const)('counts what %s says, and nothing else', async (_name, chat, status, isAnswered) => {
      const { instanceId, messages } = scenario;
      const { id, messageId } = await sent();
      const another = await sent();
      await messages.applyReceipts([{ instanceId, whatsappMessageId: id, status: 'read', chat }]);

      expect((await find(messageId))?.status).toBe(status);
      expect(await messages.wereSentTo(instanceId, [id, another.id], chat)).toBe(isAnswered);
    });

    it('counts what the recipient says beside what a stranger says', async () => {
      const { instanceId, messages } = scenario;
      const { id, messageId } = await sent({ lid: undefined });
      await messages.applyReceipts([
        { instanceId, whatsappMessageId: id, status: 'read', chat: STRANGER },
        { instanceId, whatsappMessageId: id, status: 'delivered', chat: RECIPIENT },
      ]);

      expect((await find(messageId))?.status).toBe('delivered');
    });

    it('counts what a process of an older version heard, which does not know from whom', async () => {
      const { instanceId } = scenario;
      const { id, messageId } = await sent();
      const p = { items: [{ instance_id: instanceId, whatsapp_message_id: id, status: 'read' }] };
      await answerOf(database.client.rpc('apply_receipts', { p }));

      expect((await find(messageId))?.status).toBe('read');
    });

    it('has what it was sent by this instance, all of it', async () => {
      const { instanceId, messages } = scenario;
      const mine = await sent();
      const theirs = await sent({ ...STRANGER, chatJid: `${STRANGER.phone}@s.whatsapp.net` });
      const other = await scenario.addInstance();

      expect(await messages.wereSentTo(other, [mine.id], RECIPIENT)).toBe(false);
      expect(await messages.wereSentTo(instanceId, [mine.id, theirs.id], RECIPIENT)).toBe(false);
      expect(await messages.wereSentTo(instanceId, [], RECIPIENT)).toBe(false);
    });
  });

  it('is found by its own organization alone, and by its status', async () => {
    const { messageId } = await scenario.messages.beginOutbound(outbound());
    const { organizationId } = scenario;
    const list = (status: 'pending' | 'failed') =>
      scenario.messages.listMessages(organizationId, { status, limit: 10 });

    expect((await scenario.messages.findMessage({ organizationIds: [organizationId] }, messageId))?.id).toBe(
      messageId,
    );
    expect(await scenario.messages.findMessage({ organizationIds: ['org_other'] }, messageId)).toBeNull();
    expect((await list('pending')).items.map(({ id }) => id)).toEqual([messageId]);
    expect((await list('failed')).items).toEqual([]);
  });
});
