import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseHealthRepository } from '../../src/repositories/database-health.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

describe.each(TEST_STORES)('repositories on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  it('creates, finds, changes and lists instances within their organization', async () => {
    const created = await scenario.instances.insertInstance({
      organizationId: scenario.organizationId,
      instanceName: 'Second',
      phoneNumber: null,
    });
    const mine = { organizationIds: [scenario.organizationId] };
    const foreign = { organizationIds: ['org_other'] };

    expect(created).toMatchObject({
      status: 'disconnected',
      pairingMethod: 'code',
      messagesSentCount: 0,
      hasSession: false,
    });
    expect(created.createdAt).toMatch(/^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/);
    expect(await scenario.instances.findInstance(mine, created.id)).toEqual(created);
    expect(await scenario.instances.findInstance(foreign, created.id)).toBeNull();
    expect(await scenario.instances.updateInstance(foreign, created.id, { instanceName: 'x' })).toBeNull();
    expect(await scenario.instances.updateInstance(mine, created.id, { phoneNumber: '551' })).toMatchObject({
      instanceName: 'Second',
      phoneNumber: '551',
    });
    const page = await scenario.instances.listInstances(mine, { limit: 1 });
    expect(page.items.map((one) => one.instanceName)).toEqual(['Second']);
    const rest = await scenario.instances.listInstances(mine, { limit: 1, cursor: page.nextCursor! });
    expect(rest).toMatchObject({ items: [{ id: scenario.instanceId }], nextCursor: null });
    expect((await scenario.instances.listInstances(mine, { limit: 10, status: 'connected' })).items).toEqual(
      [],
    );
  });

  it('refuses an instance of an organization that does not exist', async () => {
    const insert = scenario.instances.insertInstance({ organizationId: 'org_missing', instanceName: 'x' });

    await expect(insert).rejects.toMatchObject({
      code: 'validation_failed',
      details: [{ path: 'organization_id', message: 'does not exist' }],
    });
  });

  it.each([
    '',
    'nonsense',
    Buffer.from('["x","y"]').toString('base64url'),
    Buffer.from('{}').toString('base64url'),
  ])('refuses the cursor %j', async (cursor) => {
    const lists = [
      scenario.instances.listInstances('all', { limit: 1, cursor }),
      scenario.contacts.searchContacts('o', { limit: 1, cursor }),
      scenario.messages.listMessages('o', { limit: 1, cursor }),
      scenario.bookings.listBookings('o', { limit: 1, cursor }),
      scenario.notes.listNotes('o', { limit: 1, cursor }),
    ];
    for (const list of await Promise.allSettled(lists)) {
      expect(list).toMatchObject({ status: 'rejected', reason: { code: 'invalid_cursor' } });
    }
  });

  it('pages through lists without leaving out or repeating anything', async () => {
    await scenario.ingest(
      await scenario.received(...Array.from({ length: 7 }, (_, index) => ({ phone: `55${index}` }))),
    );
    const lists = {
      contacts: (cursor?: string) =>
        scenario.contacts.searchContacts(scenario.organizationId, { limit: 3, cursor }),
      messages: (cursor?: string) =>
        scenario.messages.listMessages(scenario.organizationId, { limit: 3, cursor }),
      bookings: (cursor?: string) =>
        scenario.bookings.listBookings(scenario.organizationId, { limit: 3, cursor }),
    };
    for (const list of Object.values(lists)) {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page: { items: { id: string }[]; nextCursor: string | null } = await list(cursor);
        ids.push(...page.items.map((item) => item.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(ids).toHaveLength(7);
      expect(new Set(ids).size).toBe(7);
    }
  });

  it.each([
    ['short texts, by rows', 12, 10, ['wwwww', 'wwwww', 'ww']],
    ['long ones, by bytes', 5, 400_000, ['ww', 'ww', 'w']],
    ['ones that alone are too long', 3, 1_500_000, ['w', 'w', 'w']],
  ])('pages through %s, leaving out and repeating nothing', async (_name, count, length, expected) => {
    const { organizationId } = scenario;
    const phone = '5511988887777';
    const written = Array.from({ length: count }, (_, index) => ({
      phone,
      text: `${index}:${'w'.repeat(length)}`,
    }));
    await scenario.ingest(await scenario.received(...written));
    await scenario.ingest(await scenario.ownerWrote(...written));
    const newestFirst = written.map((_, index) => index).toReversed();
    const lists = {
      messages: (cursor?: string) => scenario.messages.listMessages(organizationId, { limit: 5, cursor }),
      notes: (cursor?: string) => scenario.notes.listNotes(organizationId, { limit: 5, cursor }),
    };

    for (const list of Object.values(lists)) {
      const pages: number[][] = [];
      let cursor: string | undefined;
      do {
        const page: { items: { content: string }[]; nextCursor: string | null } = await list(cursor);
        pages.push(page.items.map(({ content }) => Number.parseInt(content, 10)));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(pages.map((page) => 'w'.repeat(page.length))).toEqual(expected);
      expect(pages.flat()).toEqual(newestFirst);
    }

    const events: number[][] = [];
    for (let after = 0, isMore = true; isMore;) {
      const page = await scenario.events.listEvents(organizationId, { after, limit: 5 });
      const ofMessages = page.events.filter(({ name }) => name === 'whatsapp:message');
      events.push(ofMessages.map(({ sequence }) => sequence));
      after = page.events.at(-1)!.sequence;
      isMore = page.isMore;
    }
    expect(events.map((page) => 'w'.repeat(page.length)).filter(Boolean)).toEqual(expected);
    expect(events.flat()).toEqual(written.map((_, index) => index + 1));
  });

  it('counts what a text becomes in JSON', async () => {
    const text = '\u0001'.repeat(100_000);
    await scenario.ingest(
      await scenario.received(...[1, 2, 3].map((n) => ({ phone: '5511988887777', text: `${n}${text}` }))),
    );

    const { items, nextCursor } = await scenario.messages.listMessages(scenario.organizationId, { limit: 5 });

    expect(items.map(({ content }) => content[0])).toEqual(['3']);
    expect(nextCursor).not.toBeNull();
  });

  it.each([
    ['ana', ['Ana "Dona", (Sá)', 'Mariana']],
    ['"Dona", (', ['Ana "Dona", (Sá)']],
    ['100%', ['100%_\\']],
    ['%', ['100%_\\']],
    ['_', ['100%_\\']],
    ['\\', ['100%_\\']],
    ['*', []],
    [' bru\0no ', ['Bruno']],
    ['5512', ['Bruno']],
    ['zzz', []],
  ])('searches contacts for %j', async (search, names) => {
    await scenario.ingest(
      await scenario.received(
        { phone: '5511', name: 'Ana "Dona", (Sá)' },
        { phone: '5512', name: 'Bruno' },
        { phone: '5513', name: 'Mariana' },
        { phone: '5514', name: '100%_\\' },
      ),
    );

    const { items } = await scenario.contacts.searchContacts(scenario.organizationId, { limit: 10, search });

    expect(items.map((contact) => contact.name).sort()).toEqual(names);
  });

  it.each([
    { stored: '5511988887777', asked: '551188887777' },
    { stored: '551188887777', asked: '5511988887777' },
    { stored: '5511988887777', asked: '5511988887777' },
  ])('finds $stored when $asked is searched for, and nobody else', async ({ stored, asked }) => {
    await scenario.ingest(
      await scenario.received({ phone: stored }, { phone: '5511977778888' }, { phone: '5521988887777' }),
    );
    const numbers = async (search: { phoneNumber?: string; search?: string }) => {
      const request = { limit: 10, ...search };
      const { items } = await scenario.contacts.searchContacts(scenario.organizationId, request);
      return items.map(({ phoneNumber }) => phoneNumber);
    };

    expect(await numbers({ phoneNumber: asked })).toEqual([stored]);
    expect(await numbers({ search: asked })).toEqual([stored]);
  });

  it('finds a contact by its id, within its organization', async () => {
    await scenario.ingest(await scenario.received({ phone: '551188887777' }));
    const [contact] = (
      await scenario.contacts.searchContacts(scenario.organizationId, {
        limit: 1,
        phoneNumber: '551188887777',
      })
    ).items;
    expect(await scenario.contacts.findContact(scenario.organizationId, contact!.id)).toEqual(contact);
    expect(await scenario.contacts.findContact('org_other', contact!.id)).toBeNull();
  });

  it('finds several contacts by their ids, within their organization', async () => {
    await scenario.ingest(await scenario.received({ phone: '5511' }, { phone: '5512' }, { phone: '5513' }));
    const all = await scenario.allContacts();
    const ids = all.slice(0, 2).map(({ id }) => id);
    const found = async (organizationId: string, asked: string[]) =>
      (await scenario.contacts.searchContacts(organizationId, { limit: 10, ids: asked })).items.map(
        ({ id }) => id,
      );

    expect((await found(scenario.organizationId, [...ids, randomUUID()])).toSorted()).toEqual(ids.toSorted());
    expect(await found('org_other', ids)).toEqual([]);
    expect(await found(scenario.organizationId, [])).toEqual([]);
  });

  describe('sending', () => {
    const outbound = (values: Partial<Parameters<Scenario['messages']['beginOutbound']>[0]> = {}) => ({
      instanceId: scenario.instanceId,
      organizationId: scenario.organizationId,
      whatsappMessageId: randomUUID(),
      phone: '5511988887777',
      chatJid: '5511988887777@s.whatsapp.net',
      content: 'hello',
      contentType: 'conversation',
      ...values,
    });
    const statusOf = async () =>
      (await scenario.messages.listMessages(scenario.organizationId, { limit: 10 })).items.map(
        (one) => one.status,
      );
    const sentCount = async () =>
      (await scenario.instances.findInstance('all', scenario.instanceId))?.messagesSentCount;

    it('stores the message before it leaves, once, with its contact', async () => {
      const message = outbound();
      const first = await scenario.messages.beginOutbound(message);
      const again = await scenario.messages.beginOutbound(message);

      expect(again).toEqual({ ...first, unchangedMs: expect.any(Number) as number });
      expect(await scenario.allContacts()).toMatchObject([
        { id: first.contactId, phoneNumber: '5511988887777' },
      ]);
      expect(await statusOf()).toEqual(['pending']);
      expect(
        await scenario.messages.findOutboundContent(scenario.instanceId, message.whatsappMessageId),
      ).toEqual({
        messageId: first.messageId,
        content: 'hello',
        contentType: 'conversation',
        payload: null,
      });
      expect(await scenario.messages.findOutboundContent(scenario.instanceId, 'other')).toBeNull();
    });

    it('makes no contact of an own number, and none for an instance of somebody else', async () => {
      expect(await scenario.messages.beginOutbound(outbound({ phone: '5511900000001' }))).toMatchObject({
        contactId: null,
      });
      await expect(
        scenario.messages.beginOutbound(outbound({ organizationId: 'org_other' })),
      ).rejects.toMatchObject({
        code: 'not_found',
      });
      expect(await scenario.count('contacts')).toBe(0);
    });

    it.each([
      [['sent'], [], 'sent', 1],
      [['sent', 'sent'], ['sent', 'sent'], 'sent', 1],
      [['unknown'], [], 'unknown', 0],
      [['unknown', 'sent'], [], 'sent', 1],
      [['unknown'], ['delivered', 'read'], 'read', 1],
      [['sent'], ['read', 'delivered'], 'read', 1],
      [[], ['delivered'], 'delivered', 1],
      [['failed'], ['sent'], 'failed', 0],
      [['failed'], ['delivered'], 'delivered', 1],
      [['sent', 'failed', 'unknown'], [], 'sent', 1],
    ] as const)(
      'raises the status: %j then receipts %j gives %s, counted %i',
      async (results, receipts, status, count) => {
        const message = outbound();
        const { messageId } = await scenario.messages.beginOutbound(message);

        for (const result of results) {
          await scenario.messages.finishOutbound({ messageId, status: result });
        }
        for (const receipt of receipts) {
          await scenario.messages.applyReceipts([
            {
              instanceId: scenario.instanceId,
              whatsappMessageId: message.whatsappMessageId,
              status: receipt,
              chat: { phone: '5511988887777' },
            },
            { instanceId: scenario.instanceId, whatsappMessageId: 'never sent', status: 'read', chat: {} },
          ]);
        }

        expect(await statusOf()).toEqual([status]);
        expect(await sentCount()).toBe(count);
      },
    );
  });

  it('answers a ping', async () => {
    await expect(new DatabaseHealthRepository(database.client).ping(5_000)).resolves.toBeUndefined();
  });
});
