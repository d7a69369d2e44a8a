import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

describe.each(TEST_STORES)('ingest on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  it('makes one contact, one open booking and ordered events of ten messages of a new client', async () => {
    const items = await scenario.received(
      ...Array.from({ length: 10 }, (_, index) => ({
        phone: '5511988887777',
        lid: '222',
        text: `m${index}`,
        name: 'Ana',
      })),
    );

    const { events, processed } = await scenario.ingest(items);

    expect(processed).toBe(10);
    expect(events.map((event) => event.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(events.map((event) => event.name === 'whatsapp:message' && event.payload.text)).toEqual(
      Array.from({ length: 10 }, (_, index) => `m${index}`),
    );
    const contacts = await scenario.allContacts();
    expect(contacts).toMatchObject([
      {
        phoneNumber: '5511988887777',
        lid: '222',
        name: 'Ana',
        nameSource: 'push',
        lastMessageAt: '2025-10-02T12:00:00.000Z',
      },
    ]);
    const { items: bookings } = await scenario.bookings.listBookings(scenario.organizationId, { limit: 10 });
    expect(bookings).toMatchObject([{ status: 'pending', source: 'whatsapp', contactId: contacts[0]!.id }]);
    expect(events[9]).toEqual({
      organizationId: scenario.organizationId,
      sequence: 10,
      name: 'whatsapp:message',
      payload: {
        instanceId: scenario.instanceId,
        messageId: items[9]?.action === 'client' ? items[9].messageId : '',
        from: '5511988887777',
        text: 'm9',
        type: 'text',
        timestamp: '2025-10-02T12:00:00.000Z',
        contactId: contacts[0]!.id,
        bookingId: bookings[0]!.id,
      },
    });
    const { events: stored } = await scenario.events.listEvents(scenario.organizationId, {
      after: 0,
      limit: 100,
    });
    expect(stored).toEqual(events);
    const { items: messages } = await scenario.messages.listMessages(scenario.organizationId, { limit: 100 });
    expect(messages.map((message) => message.content)).toEqual(
      Array.from({ length: 10 }, (_, index) => `m${9 - index}`),
    );
    const instance = await scenario.instances.findInstance('all', scenario.instanceId);
    expect(instance).toMatchObject({ messagesReceivedCount: 10, messagesSentCount: 0 });
  });

  it('changes nothing when a late or another worker repeats it', async () => {
    const items = await scenario.received({ phone: '5511988887777' }, { phone: '5511988887777' });
    await scenario.ingest(items);

    expect(await scenario.ingest(items)).toEqual({ events: [], processed: 0 });
    expect(await scenario.ingest(items, 'worker-2')).toEqual({ events: [], processed: 0 });
    expect(await scenario.count('messages')).toBe(2);
    expect(await scenario.count('events')).toBe(2);
  });

  it('leaves rows alone that must wait for older ones, whoever hands them in', async () => {
    const items = await scenario.received({ phone: '551' }, { phone: '552' }, { phone: '553' });

    const early = await scenario.ingest([items[0]!, items[2]!]);
    const late = await scenario.ingest([items[1]!, items[2]!]);

    expect([early.processed, late.processed]).toEqual([1, 2]);
    expect([...early.events, ...late.events].map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(await scenario.states()).toEqual(['1 client_message', '1 client_message', '1 client_message']);
  });

  it('leaves rows alone that another worker has claimed', async () => {
    const items = await scenario.received({ phone: '5511988887777' });
    await scenario.inbox.claim({
      worker: 'worker-2',
      limit: 10,
      leaseSeconds: 60,
      instanceId: scenario.instanceId,
    });

    expect((await scenario.ingest(items)).processed).toBe(0);
    expect((await scenario.ingest(items, 'worker-2')).processed).toBe(1);
  });

  it('stores a message once that was delivered twice, in one call or in two', async () => {
    const twice = await scenario.received({ phone: '551', id: 'A' }, { phone: '551', id: 'A' });
    expect((await scenario.ingest(twice)).events).toHaveLength(1);
    const again = await scenario.received({ phone: '551', id: 'A' });
    expect((await scenario.ingest(again)).events).toHaveLength(0);

    expect(await scenario.states()).toEqual(['1 client_message', '1 duplicate', '1 duplicate']);
    expect(await scenario.count('messages')).toBe(1);
    expect((await scenario.instances.findInstance('all', scenario.instanceId))?.messagesReceivedCount).toBe(
      1,
    );
  });

  it('stores both messages when two senders use the same id', async () => {
    const items = await scenario.received({ phone: '551', id: 'A' }, { phone: '552', id: 'A' });

    expect((await scenario.ingest(items)).events).toHaveLength(2);
    expect(await scenario.count('messages')).toBe(2);
  });

  it('knows a contact again that was met by LID and later shows its number', async () => {
    const first = await scenario.ingest(await scenario.received({ lid: '333', name: 'Bia' }));
    const second = await scenario.ingest(await scenario.received({ phone: '5511977776666', lid: '333' }));
    const third = await scenario.ingest(await scenario.received({ phone: '5511977776666' }));

    expect(first.events[0]).toMatchObject({ payload: { from: '333@lid' } });
    expect(second.events[0]).toMatchObject({ payload: { from: '5511977776666' } });
    expect(third.events[0]).toMatchObject({ payload: { from: '5511977776666' } });
    expect(await scenario.allContacts()).toMatchObject([
      { phoneNumber: '5511977776666', lid: '333', name: 'Bia' },
    ]);
    expect(await scenario.count('bookings')).toBe(1);
  });

  it('shows the number of a known contact that writes by LID', async () => {
    await scenario.ingest(await scenario.received({ phone: '5511977776666', lid: '333' }));

    const { events } = await scenario.ingest(await scenario.received({ lid: '333' }));

    expect(events[0]).toMatchObject({ payload: { from: '5511977776666' } });
  });

  it.each([
    ['phone first', true],
    ['lid first', false],
  ])('merges two contacts that are one person (%s)', async (_, phoneFirst) => {
    const byPhone = { phone: '551', name: 'Caio', id: 'SAME' };
    const byLid = { lid: '999', id: 'SAME' };
    for (const one of phoneFirst ? [byPhone, byLid] : [byLid, byPhone]) {
      await scenario.ingest(await scenario.received(one));
      await scenario.ingest(await scenario.ownerWrote({ ...one, id: `note-${one === byPhone ? 1 : 2}` }));
    }
    const [older] = await scenario.allContacts();

    const { events } = await scenario.ingest(await scenario.received({ phone: '551', lid: '999' }));

    expect(await scenario.allContacts()).toMatchObject([
      { id: older!.id, phoneNumber: '551', lid: '999', name: 'Caio' },
    ]);
    const { items: messages } = await scenario.messages.listMessages(scenario.organizationId, {
      contactId: older!.id,
      limit: 10,
    });
    expect(messages).toHaveLength(3);
    const { items: notes } = await scenario.notes.listNotes(scenario.organizationId, {
      contactId: older!.id,
      limit: 10,
    });
    expect(notes).toHaveLength(2);
    const { items: bookings } = await scenario.bookings.listBookings(scenario.organizationId, { limit: 10 });
    expect(bookings.map((booking) => booking.status).sort()).toEqual(['cancelled', 'pending']);
    const pending = bookings.find((one) => one.status === 'pending')!.id;
    const cancelled = bookings.find((one) => one.status === 'cancelled')!.id;
    expect(events).toMatchObject([
      { name: 'whatsapp:contact', payload: { change: 'merged', mergedInto: older!.id } },
      { name: 'whatsapp:booking', payload: { bookingId: cancelled, contactId: older!.id } },
      { name: 'whatsapp:message', payload: { bookingId: pending, contactId: older!.id } },
    ]);
  });

  it('learns and merges within one call, whatever the order of addresses', async () => {
    const items = await scenario.received(
      { lid: '1', id: 'a' },
      { phone: '551', id: 'b' },
      { phone: '551', lid: '1', id: 'c' },
      { lid: '1', id: 'd' },
      { phone: '551', lid: '2', id: 'e' },
      { lid: '2', id: 'f' },
    );

    const { events } = await scenario.ingest(items);

    expect(events.map((event) => event.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const [merged, ...told] = events;
    expect(merged).toMatchObject({ name: 'whatsapp:contact', payload: { change: 'merged' } });
    const contacts = told.map(({ payload }) => 'contactId' in payload && payload.contactId);
    expect(new Set(contacts.slice(0, 4)).size).toBe(1);
    expect(new Set(contacts.slice(4)).size).toBe(1);
    expect(new Set(contacts).size).toBe(2);
    expect(await scenario.count('messages')).toBe(6);
  });

  it('follows the rules about names', async () => {
    const name = async () => (await scenario.allContacts())[0]!;
    await scenario.ingest(await scenario.received({ phone: '551' }));
    expect(await name()).toMatchObject({ name: 'Unknown', nameSource: 'unknown' });
    await scenario.ingest(await scenario.received({ phone: '551', name: 'Ana' }, { phone: '551', name: '' }));
    expect(await name()).toMatchObject({ name: 'Ana', nameSource: 'push' });
    await scenario.ingest(await scenario.received({ phone: '551', name: 'Unknown' }));
    expect(await name()).toMatchObject({ name: 'Ana' });
    await scenario.ingest(await scenario.received({ phone: '551', name: 'Ana Maria' }));
    expect(await name()).toMatchObject({ name: 'Ana Maria' });
    await database.sql(
      `update contacts set name = 'Dona Ana', name_source = 'person' where organization_id = $1::text`,
      [scenario.organizationId],
    );
    await scenario.ingest(await scenario.received({ phone: '551', name: 'Aninha' }));
    expect(await name()).toMatchObject({ name: 'Dona Ana', nameSource: 'person' });
  });

  it('saves what the owner writes as a note and makes nothing else', async () => {
    await scenario.ingest(await scenario.received({ phone: '551', lid: '1' }));
    const { events, processed } = await scenario.ingest([
      ...(await scenario.ownerWrote(
        { phone: '551', text: 'to Ana' },
        { lid: '1' },
        { phone: '559' },
        { text: 'to myself' },
      )),
    ]);

    expect(processed).toBe(4);
    expect(events.map(({ name }) => name)).toEqual(Array.from({ length: 4 }, () => 'whatsapp:note'));
    const { items: notes } = await scenario.notes.listNotes(scenario.organizationId, { limit: 10 });
    const [contact] = await scenario.allContacts();
    expect(notes.map((note) => note.contactId)).toEqual([null, null, contact!.id, contact!.id]);
    expect(await scenario.count('contacts')).toBe(1);
    expect(await scenario.count('messages')).toBe(1);
    expect(await scenario.count('bookings')).toBe(1);
  });

  it('takes no note of a message that was sent through the API, and each note once', async () => {
    await scenario.messages.beginOutbound({
      instanceId: scenario.instanceId,
      organizationId: scenario.organizationId,
      whatsappMessageId: 'API-1',
      phone: '551',
      chatJid: '551@s.whatsapp.net',
      content: 'hello',
      contentType: 'conversation',
    });
    await scenario.ingest(await scenario.ownerWrote({ phone: '551', id: 'API-1' }));
    await scenario.ingest(await scenario.ownerWrote({ phone: '551', id: 'P' }, { phone: '551', id: 'P' }));

    expect(await scenario.states()).toEqual(['1 own_send', '1 from_me', '1 duplicate']);
    expect(await scenario.count('notes')).toBe(1);
  });

  it('closes rows without effect, and dead ones with their reason', async () => {
    const items = await scenario.received({}, {}, {});
    const { processed, events } = await scenario.ingest([
      { inboxId: items[0]!.inboxId, action: 'skip', reason: 'group' },
      { inboxId: items[1]!.inboxId, action: 'dead', reason: 'undecodable' },
      items[2]!,
    ]);

    expect({ processed, events }).toEqual({ processed: 3, events: [] });
    expect(await scenario.states()).toEqual(['1 group', '2 undecodable', '2 no_address']);
    const stats = await scenario.inbox.stats('all');
    expect(stats.byOrganization.find((one) => one.organizationId === scenario.organizationId)).toEqual({
      organizationId: scenario.organizationId,
      pending: 0,
      dead: 2,
      isCapped: false,
      oldestPendingAt: null,
    });
  });

  it.each([
    ['one-open', 1, true],
    ['every-message', 3, true],
    ['off', 0, false],
  ] as const)('makes bookings by the policy %s', async (policy, bookings, isCarried) => {
    scenario.policy = policy;

    const { events } = await scenario.ingest(
      await scenario.received({ phone: '551' }, { phone: '551' }, { phone: '551' }),
    );

    expect(await scenario.count('bookings')).toBe(bookings);
    const carried = events.map((event) => event.name === 'whatsapp:message' && event.payload.bookingId);
    expect(carried.every((id) => typeof id === 'string')).toBe(isCarried);
    expect(new Set(carried).size).toBe(Math.max(bookings, 1));
  });

  it('makes a new booking once the open one is closed', async () => {
    await scenario.ingest(await scenario.received({ phone: '551' }));
    await database.sql(`update bookings set status = 'confirmed' where organization_id = $1::text`, [
      scenario.organizationId,
    ]);
    await scenario.ingest(await scenario.received({ phone: '551' }));

    expect(await scenario.count('bookings')).toBe(2);
  });

  it('stores what no database likes', async () => {
    const items = await scenario.received({
      phone: '551',
      text: 'a\0b\uD800c',
      name: 'N\0',
      at: new Date(Number.NaN),
    });

    const { events } = await scenario.ingest(items);

    expect(events[0]).toMatchObject({
      payload: { text: 'a\uFFFDb\uFFFDc', timestamp: '2025-10-02T12:00:00.000Z' },
    });
  });

  it('numbers the events of two organizations each without gaps', async () => {
    const other = await Scenario.create(database);
    const mine = await scenario.received({ phone: '551' }, { phone: '552' });
    const theirs = await other.received({ phone: '551' });

    const { events } = await scenario.ingest([mine[0]!, theirs[0]!, mine[1]!]);

    expect(events.map((event) => [event.organizationId, event.sequence])).toEqual([
      [scenario.organizationId, 1],
      [other.organizationId, 1],
      [scenario.organizationId, 2],
    ]);
  });
});
