import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Instance } from '../../src/repositories/instance.js';
import { type Arrival, RoutingHarness } from './routing-harness.js';
import { type Findings, openRoutingDatabase, type RoutingDatabase } from './routing-database.js';

const account = { phone: '5511999887766', lid: '111' };
const anaByLid = { from: '222@lid', sender_pn: '5511988887777@s.whatsapp.net', notify: 'Ana' };
const anaByPhone = { from: '5511988887777@s.whatsapp.net', notify: 'Ana' };
const toAna = { from: '111@lid', recipient: '222@lid', peer_recipient_pn: '5511988887777@s.whatsapp.net' };

function text(id: string, attrs: Record<string, string>, words = `text ${id}`): Arrival {
  return { id, attrs: { t: '1767225600', ...attrs }, message: { conversation: words } };
}

let database: RoutingDatabase;
let harness: RoutingHarness;
let instance: Instance;
const look = (): Promise<Findings> => database.look(instance.organizationId);

beforeAll(async () => {
  database = await openRoutingDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  harness = await RoutingHarness.over(database.client);
  instance = await harness.anInstance(account);
  await harness.link(instance, account);
});

describe('a client', () => {
  it('becomes one contact with all of its messages, one open booking and events in order', async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `A${index}`);
    await harness.receive(
      instance,
      account,
      ids.map((id) => text(id, anaByLid)),
    );
    const routed = new Promise<void>((resolve) => {
      harness.bus.on('events.committed', () => harness.announced.length === 10 && resolve());
    });

    harness.worker.onApplicationBootstrap();
    harness.notifier.notify(instance.id);
    await routed;
    await harness.worker.beforeApplicationShutdown();

    const { contacts, messages, bookings, notes, events, rows } = await look();
    expect(contacts).toMatchObject([{ phone_number: '5511988887777', lid: '222', name: 'Ana' }]);
    expect(messages.map((message) => message['content'])).toEqual(ids.map((id) => `text ${id}`));
    expect(bookings).toMatchObject([{ status: 'pending', contact_id: contacts[0]!['id'] }]);
    expect(notes).toEqual([]);
    expect(events.map((event) => Number(event['sequence']))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(harness.announced.map((event) => event.payload)).toMatchObject(
      ids.map((id) => ({
        instanceId: instance.id,
        messageId: id,
        from: '5511988887777',
        text: `text ${id}`,
        timestamp: '2026-01-01T00:00:00.000Z',
        contactId: contacts[0]!['id'],
        bookingId: bookings[0]!['id'],
      })),
    );
    expect(rows.every((row) => row['state'] === 1 && row['reason'] === 'client')).toBe(true);
  });

  it('stays one contact when the phone number shows up after the LID', async () => {
    await harness.receive(instance, account, [text('A1', { from: '222@lid' }), text('A2', anaByLid)]);
    await harness.drain();
    await harness.receive(instance, account, [text('A3', anaByPhone)]);
    await harness.drain();

    const { contacts, messages, bookings } = await look();
    expect(contacts).toMatchObject([{ phone_number: '5511988887777', lid: '222' }]);
    expect(messages).toHaveLength(3);
    expect(bookings).toHaveLength(1);
    expect(harness.announced.at(-1)!.payload).toMatchObject({ from: '5511988887777' });
  });

  it('is one contact when LID and number wrote before it was known that they are one', async () => {
    await harness.receive(instance, account, [text('A1', { from: '222@lid' }), text('A2', anaByPhone)]);
    await harness.drain();
    expect((await look()).contacts).toHaveLength(2);
    expect(harness.announced[0]!.payload).toMatchObject({ from: '222@lid' });

    await harness.receive(instance, account, [text('A3', anaByLid)]);
    await harness.drain();

    const { contacts, messages, bookings } = await look();
    expect(contacts).toHaveLength(1);
    expect(new Set(messages.map((message) => message['contact_id']))).toEqual(new Set([contacts[0]!['id']]));
    expect(bookings.filter((booking) => booking['status'] === 'pending')).toHaveLength(1);
  });

  it('can not suppress the message of another by reusing its id', async () => {
    const mallory = { from: '666@lid', notify: 'Mallory' };
    await harness.receive(instance, account, [text('A1', mallory, 'mine'), text('A1', anaByLid, 'hers')]);
    await harness.drain();

    const { messages } = await look();
    expect(messages.map((message) => message['content'])).toEqual(['mine', 'hers']);
    expect(harness.announced).toHaveLength(2);
  });

  it('is stored once, however often a message is delivered', async () => {
    await harness.receive(instance, account, [text('A1', anaByLid), text('A1', anaByLid)]);
    await harness.drain();
    await harness.receive(instance, account, [text('A1', anaByPhone)]);
    await harness.drain();

    const { messages, rows } = await look();
    expect(messages).toHaveLength(1);
    expect(harness.announced).toHaveLength(1);
    expect(rows.map((row) => row['reason'])).toEqual(['client', 'duplicate', 'duplicate']);
  });
});

describe('the owner', () => {
  it('leaves notes only, in the conversation of whom it wrote to', async () => {
    await harness.receive(instance, account, [text('A1', anaByLid)]);
    await harness.drain();
    await harness.receive(instance, account, [
      text('N1', toAna),
      text('N2', { from: '5511999887766@s.whatsapp.net', recipient: '5511988887777@s.whatsapp.net' }),
      text('N3', { from: '111@lid', recipient: '111@lid' }),
      text('N4', { from: '111@lid', recipient: '777@lid' }),
    ]);
    await harness.drain();

    const { contacts, messages, bookings, notes, events } = await look();
    expect([contacts, messages, bookings].map((list) => list.length)).toEqual([1, 1, 1]);
    expect(events.map((event) => event['name'])).toEqual([
      'whatsapp:message',
      ...Array.from({ length: 4 }, () => 'whatsapp:note'),
    ]);
    expect(notes.map((note) => [note['whatsapp_message_id'], note['contact_id']])).toEqual([
      ['N1', contacts[0]!['id']],
      ['N2', contacts[0]!['id']],
      ['N3', null],
      ['N4', null],
    ]);
    expect(contacts[0]!['name']).toBe('Ana');
  });

  it('is recognized as another instance of the organization: by number, by a variant of it, and by LID', async () => {
    const other = await harness.anInstance({ phone: '5521977776666' }, instance.organizationId);
    await harness.link(other, { phone: '5521977776666', lid: '333' });

    await harness.receive(instance, account, [
      text('N1', { from: '5521977776666@s.whatsapp.net' }),
      text('N2', { from: '552177776666@s.whatsapp.net' }),
      text('N3', { from: '333:4@lid' }),
    ]);
    await harness.drain();

    const { contacts, notes, rows } = await look();
    expect(contacts).toEqual([]);
    expect(notes).toHaveLength(3);
    expect(rows.every((row) => row['reason'] === 'from_owner')).toBe(true);
  });

  it('is known from the next message on when its number is changed or an instance is linked', async () => {
    await harness.receive(instance, account, [text('A1', anaByPhone), text('B1', { from: '444@lid' })]);
    await harness.drain();
    const other = await harness.anInstance({}, instance.organizationId);
    await harness.renumber(other, '5511988887777');
    await harness.link(other, { lid: '444' });

    await harness.receive(instance, account, [text('A2', anaByPhone), text('B2', { from: '444@lid' })]);
    await harness.drain();

    const { rows } = await look();
    expect(rows.map((row) => row['reason'])).toEqual(['client', 'client', 'from_owner', 'from_owner']);
  });

  it('is nobody to another organization', async () => {
    const elsewhere = await harness.anInstance({ phone: '5541966665555' });
    await harness.receive(elsewhere, {}, [text('A1', { from: '5511999887766@s.whatsapp.net' })]);
    await harness.drain();

    expect((await database.look(elsewhere.organizationId)).contacts).toHaveLength(1);
    expect((await look()).contacts).toEqual([]);
  });

  it('has no note for what this service sent itself', async () => {
    await database.sendThroughApi(instance, 'OUT1', '5511988887777');
    await harness.receive(instance, account, [text('OUT1', toAna), text('N1', toAna)]);
    await harness.drain();

    const { notes, rows } = await look();
    expect(notes.map((note) => note['whatsapp_message_id'])).toEqual(['N1']);
    expect(rows.map((row) => row['reason'])).toEqual(['own_send', 'from_me']);
  });
});

describe('a message that the own phone sends once more', () => {
  const ofPhone = { from: '5511999887766@s.whatsapp.net', category: 'peer' };
  const resent = (id: string, remoteJid: string): Arrival => {
    const info = { key: { remoteJid, fromMe: false, id }, message: { conversation: 'readable' } };
    const webMessageInfoBytes = proto.WebMessageInfo.encode(info).finish();
    const peerDataOperationResult = [{ placeholderMessageResendResponse: { webMessageInfoBytes } }];
    return {
      id: `copy of ${id}`,
      attrs: ofPhone,
      message: {
        protocolMessage: {
          type: proto.Message.ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
          peerDataOperationRequestResponseMessage: { peerDataOperationResult },
        },
      },
    };
  };

  it.each([
    ['the LID', anaByPhone, '222@lid'],
    ['the number', { from: '222@lid', notify: 'Ana' }, '5511988887777@s.whatsapp.net'],
  ])('and names by %s alone is of whom its placeholder named', async (_name, attrs, remoteJid) => {
    await harness.receive(instance, account, [{ id: 'P1', attrs, encryption: 'none' }]);
    await harness.drain();
    const before = await look();
    await harness.receive(instance, account, [resent('P1', remoteJid)]);
    await harness.drain();

    const { contacts, messages, bookings } = await look();
    expect(contacts).toMatchObject([{ phone_number: '5511988887777', lid: '222', name: 'Ana' }]);
    expect(messages).toMatchObject([{ id: before.messages[0]!['id'], content: 'readable', type: 'text' }]);
    expect([before.bookings.length, bookings.length]).toEqual([0, 1]);
  });

  it('is nobody else’s where two placeholders have its id', async () => {
    await harness.receive(instance, account, [
      { id: 'P1', attrs: anaByPhone, encryption: 'none' },
      { id: 'P1', attrs: { from: '5521999990000@s.whatsapp.net', notify: 'Eva' }, encryption: 'none' },
      resent('P1', '222@lid'),
    ]);
    await harness.drain();

    expect((await look()).contacts).toHaveLength(3);
  });
});

describe('what is no conversation', () => {
  it('is closed with a reason and leaves nothing behind', async () => {
    const group = { from: '1203@g.us', participant: '222@lid' };
    await harness.receive(instance, account, [
      text('S1', group),
      text('S2', { from: 'status@broadcast', participant: '222@lid' }),
      text('S3', { from: '1203@newsletter' }),
      text('S4', { ...anaByLid, category: 'peer' }),
      {
        id: 'S5',
        attrs: anaByLid,
        message: { reactionMessage: { key: { id: 'M', fromMe: false }, text: '👍' } },
      },
      {
        id: 'S6',
        attrs: toAna,
        message: { protocolMessage: { type: proto.Message.ProtocolMessage.Type.REVOKE } },
      },
      { id: 'S7', attrs: toAna, encryption: 'none' },
      { id: 'S8', attrs: anaByLid, message: {} },
    ]);
    await harness.drain();

    const { contacts, messages, bookings, notes, events, rows } = await look();
    expect([contacts, messages, bookings, notes, events]).toEqual([[], [], [], [], []]);
    const reasons = [
      'group',
      'status',
      'newsletter',
      'peer_traffic',
      'waits_for_message',
      'protocol',
      'undecryptable_elsewhere',
      'empty',
    ];
    expect(rows.map((row) => [row['state'], row['reason']])).toEqual(reasons.map((reason) => [1, reason]));
  });
});

describe('a fault', () => {
  it('of one row does not hold up the others', async () => {
    await harness.receive(instance, account, [
      text('A1', anaByLid),
      { id: 'P1', attrs: anaByLid, rawBody: Buffer.from('not sealed') },
      text('P2', { ...anaByLid, recipient: '999@lid' }),
      text('A\0\ud800', { ...anaByLid, notify: '\0' }, 'a\0\ud800b'),
    ]);
    await harness.drain();

    const { messages, rows } = await look();
    expect(messages.map((message) => message['content'])).toEqual([
      'text A1',
      expect.stringMatching(/^a\ufffd+b$/),
    ]);
    expect(rows.map((row) => [row['state'], row['error']])).toEqual([
      [1, null],
      [2, 'sealed_body_refused'],
      [2, 'foreign_recipient'],
      [1, null],
    ]);
  });

  it('that only the database finds costs nobody but the culprit', async () => {
    await database.refuseContent('revoke');
    const arrivals = Array.from({ length: 30 }, (_, index) =>
      text(`A${index}`, anaByLid, index === 17 ? 'revoke' : 'ok'),
    );
    await harness.receive(instance, account, arrivals);
    await harness.drain();

    const { messages, rows, events } = await look();
    expect(messages).toHaveLength(29);
    expect(events.map((event) => Number(event['sequence']))).toEqual(
      Array.from({ length: 29 }, (_, index) => index + 1),
    );
    expect(rows.filter((row) => row['state'] === 2)).toMatchObject([
      { message_id: 'A17', error: 'refused_by_database' },
    ]);
  });

  it('after the commit changes nothing when the work is repeated', async () => {
    await harness.receive(instance, account, [text('A1', anaByLid), text('N1', toAna)]);
    const claimed = await harness.inbox.claim({ worker: 'a', limit: 200, leaseSeconds: 30 });
    const items = await harness.planner.plan(claimed);
    const first = await harness.inbox.ingest({ worker: 'a', bookingPolicy: 'one-open', items });
    const again = await harness.inbox.ingest({ worker: 'a', bookingPolicy: 'one-open', items });

    const { messages, notes, bookings, events } = await look();
    expect([first.processed, first.events.length]).toEqual([2, 2]);
    expect(again).toEqual({ events: [], processed: 0 });
    expect([messages, notes, bookings, events].map((list) => list.length)).toEqual([1, 1, 1, 2]);
  });

  it('before the commit leaves the rows to the next worker, once the claim is over', async () => {
    await harness.receive(instance, account, [text('A1', anaByLid)]);
    await harness.inbox.claim({ worker: 'crashed', limit: 200, leaseSeconds: 60 });
    await harness.drain();
    expect((await look()).messages).toEqual([]);

    await database.expireClaims(instance.id);
    await harness.drain();

    expect((await look()).messages).toHaveLength(1);
  });

  it('of a process with an embedded database delays nothing after its restart', async () => {
    await harness.receive(instance, account, [text('A1', anaByLid)]);
    await harness.inbox.claim({ worker: 'killed', limit: 200, leaseSeconds: 60 });
    const restarted = await RoutingHarness.over(database.client, 'one-open', harness.box, true);

    await restarted.drain();

    expect((await look()).messages).toHaveLength(1);
    expect(restarted.announced).toHaveLength(1);
  });
});
