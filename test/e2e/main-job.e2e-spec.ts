import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';
const OWNER = '5511999887766';

interface Row {
  id: string;
  name?: string;
  phone_number?: string;
  content?: string;
  contact_id?: string | null;
  status?: string;
  direction?: string;
}

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let instanceId: string;

async function rowsOf(
  kind: 'contacts' | 'messages' | 'bookings' | 'notes',
  of = ORGANIZATION,
): Promise<Row[]> {
  const answer = await service.api.call<Record<string, Row[]>>(
    'GET',
    `/api/${kind}?organization_id=${of}&limit=100`,
  );
  expect(answer.status).toBe(200);
  return answer.body[kind]!;
}

async function status(): Promise<{ instance: Record<string, unknown>; is_running: boolean }> {
  const answer = await service.api.call('GET', `/api/whatsapp/instances/${instanceId}/status`);
  return answer.body as never;
}

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  owner = simulator.addPhone({ number: OWNER, name: 'Owner' });
  instanceId = await service.api.createInstance(ORGANIZATION, OWNER);
  events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
});

afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

describe('a linked number', () => {
  it('says so in its status and in the event', async () => {
    expect(await status()).toMatchObject({
      instance: {
        id: instanceId,
        status: 'connected',
        phone_number: OWNER,
        last_connected_at: expect.any(String),
      },
      is_running: true,
    });
    expect(events.all('whatsapp:connected')[0]).toEqual({
      instanceId,
      organizationId: ORGANIZATION,
      phoneNumber: OWNER,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      sequence: expect.any(Number),
    });
  });

  it('published the pairing code once, with its expiry', () => {
    const codes = events.all('whatsapp:pairing-code');
    expect(codes).toHaveLength(1);
    expect(codes[0]!.pairingCode).toMatch(/^[1-9A-Z]{8}$/);
    expect(Date.parse(codes[0]!.expiresAt) - Date.parse(codes[0]!.timestamp)).toBe(60_000);
  });
});

describe('a client who writes', () => {
  it('ten times becomes one contact, ten messages, one booking and ten events in order', async () => {
    const ana = simulator.addPhone({ number: '5511988880001', name: 'Ana' });
    const texts = Array.from({ length: 10 }, (_, index) => `message ${index}`);
    const sent = [];
    for (const [index, text] of texts.entries()) {
      sent.push(await ana.writes(owner, text, { addressing: index % 2 === 0 ? 'lid' : 'pn' }));
    }
    const received = await events.count('whatsapp:message', 10, (event) => event.from === ana.number);

    expect(received.map((event) => event.text)).toEqual(texts);
    expect(received.map((event) => event.messageId)).toEqual(sent.map((message) => message.id));
    const contacts = (await rowsOf('contacts')).filter((row) => row.phone_number === ana.number);
    expect(contacts).toHaveLength(1);
    expect(contacts[0]).toMatchObject({ name: 'Ana', id: received[0]!.contactId });
    expect((await rowsOf('messages')).filter((row) => row.contact_id === contacts[0]!.id)).toHaveLength(10);
    const bookings = (await rowsOf('bookings')).filter((row) => row.contact_id === contacts[0]!.id);
    expect(bookings).toHaveLength(1);
    expect(new Set(received.map((event) => event.bookingId))).toEqual(new Set([bookings[0]!.id]));
  });

  it('by LID alone is one contact still when the number is learned later', async () => {
    const rui = simulator.addPhone({ number: '5511988880002', name: 'Rui' });
    await rui.writes(owner, 'who am I', { addressing: 'lid', withoutAlternative: true });
    const first = await events.next('whatsapp:message', (event) => event.text === 'who am I');
    expect(first.from).toBe(`${rui.lid}@lid`);

    const answer = await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
      to: first.from,
      message: 'an answer to a stranger',
    });
    expect(answer.status).toBe(200);
    await rui.receives((message) => message.text === 'an answer to a stranger');

    await rui.writes(owner, 'now you know', { addressing: 'lid' });
    const second = await events.next('whatsapp:message', (event) => event.text === 'now you know');
    expect(second).toMatchObject({
      from: rui.number,
      contactId: first.contactId,
      bookingId: first.bookingId,
    });
  });

  it('can not suppress the message of another by reusing its id', async () => {
    const [eve, bob] = [
      simulator.addPhone({ number: '5511988880003', name: 'Eve' }),
      simulator.addPhone({ number: '5511988880004', name: 'Bob' }),
    ];
    await eve.writes(owner, 'mine', { id: '3EB0SAMEID' });
    await bob.writes(owner, 'also mine', { id: '3EB0SAMEID' });
    const both = await events.count('whatsapp:message', 2, (event) => event.messageId === '3EB0SAMEID');
    expect(both.map((event) => event.text)).toEqual(['mine', 'also mine']);
  });

  it('is stored once however often WhatsApp delivers the message', async () => {
    const ines = simulator.addPhone({ number: '5511988880005', name: 'Inês' });
    simulator.faults.duplicate(owner);
    await ines.writes(owner, 'once');
    await ines.writes(owner, 'after');
    await events.next('whatsapp:message', (event) => event.text === 'after');
    expect(events.all('whatsapp:message').filter((event) => event.text === 'once')).toHaveLength(1);
  });
});

describe('the owner', () => {
  it.each(['pn', 'lid'] as const)(
    'who writes on the phone (%s) makes a note and nothing else',
    async (addressing) => {
      const zoe = simulator.addPhone({
        number: addressing === 'pn' ? '5511988880006' : '5511988880007',
        name: 'Zoe',
      });
      const before = [await rowsOf('contacts'), await rowsOf('messages'), await rowsOf('bookings')].map(
        (r) => r.length,
      );
      await owner.writes(zoe, `note by ${addressing}`, { addressing });
      await owner.notesToSelf(`to myself by ${addressing}`, { addressing });
      await zoe.writes(owner, `marker ${addressing}`);
      await events.next('whatsapp:message', (event) => event.text === `marker ${addressing}`);

      const notes = (await rowsOf('notes')).map((row) => row.content);
      expect(notes).toEqual(expect.arrayContaining([`note by ${addressing}`, `to myself by ${addressing}`]));
      const after = [await rowsOf('contacts'), await rowsOf('messages'), await rowsOf('bookings')].map(
        (r) => r.length,
      );
      // The marker alone made a contact, a message and a booking.
      expect(after).toEqual(before.map((count) => count + 1));
    },
  );

  it('is recognized behind another number of the organization, by phone number and by LID', async () => {
    const second = simulator.addPhone({ number: '5511988880008', name: 'Second shop' });
    const secondId = await service.api.createInstance(ORGANIZATION, second.number);
    await second.types(await service.api.pairingCode(secondId));
    await events.next('whatsapp:connected', (event) => event.instanceId === secondId);

    await second.writes(owner, 'between us', { addressing: 'pn' });
    await second.writes(owner, 'between us, hidden', { addressing: 'lid', withoutAlternative: true });
    const tom = simulator.addPhone({ number: '5511988880009', name: 'Tom' });
    await tom.writes(owner, 'last');
    await events.next('whatsapp:message', (event) => event.text === 'last');

    const notes = (await rowsOf('notes')).map((row) => row.content);
    expect(notes).toEqual(expect.arrayContaining(['between us', 'between us, hidden']));
    expect((await rowsOf('contacts')).some((row) => row.phone_number === second.number)).toBe(false);
  });
});

describe('an answer', () => {
  it('decrypts on the phone, is counted, and its receipts are followed', async () => {
    const lia = simulator.addPhone({ number: '5511988880010', name: 'Lia' });
    await lia.writes(owner, 'a question');
    await events.next('whatsapp:message', (event) => event.text === 'a question');
    const before = (await status()).instance['messages_sent_count'] as number;

    const answer = await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
      to: `${lia.number}@s.whatsapp.net`,
      message: 'an answer ✓',
    });
    expect(answer).toMatchObject({ status: 200, body: { success: true } });
    const arrived = await lia.receives((message) => message.text === 'an answer ✓');
    await expect.poll(async () => (await status()).instance['messages_sent_count']).toBe(before + 1);

    lia.reads(arrived);
    await expect
      .poll(async () => (await rowsOf('messages')).find((row) => row.content === 'an answer ✓')?.status)
      .toBe('read');
    expect((await rowsOf('notes')).some((row) => row.content === 'an answer ✓')).toBe(false);
  });

  it('to a stranger reaches the phone too', async () => {
    const max = simulator.addPhone({ number: '5511988880011', name: 'Max' });
    const answer = await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
      to: max.number,
      message: 'first contact',
    });
    expect(answer.status).toBe(200);
    await max.receives((message) => message.text === 'first contact');
  });

  it('to somebody whose LID WhatsApp does not name reaches the phone too', async () => {
    const ben = simulator.addPhone({ number: '5511988880015', name: 'Ben' });
    ben.hidesLid = true;
    for (const message of ['by number alone', 'and again']) {
      const answer = await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
        to: ben.number,
        message,
      });
      expect(answer.status).toBe(200);
      await ben.receives(({ text }) => text === message);
    }
  });

  it('to a number that is not on WhatsApp is refused with a reason', async () => {
    const answer = await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
      to: '5511988889999',
      message: 'anybody there?',
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { success: false, code: 'recipient_not_on_whatsapp' },
    });
  });
});

describe('what is no conversation with a person', () => {
  it('makes no contact and no booking', async () => {
    const pia = simulator.addPhone({ number: '5511988880012', name: 'Pia' });
    const group = simulator.addGroup('Friends', [pia, owner]);
    const known = simulator.addPhone({ number: '5511988880013', name: 'Known' });
    const before = (await rowsOf('contacts')).length;
    await pia.writes(group.id, 'hello group');
    await pia.writes('status@broadcast', 'my story');
    await known.writes(owner, 'the end');
    const last = await events.next('whatsapp:message', (event) => event.text === 'the end');
    const reaction = await known.reacts(owner, '👍', { id: last.messageId, fromMe: true } as never);
    await reaction.acknowledged();
    expect((await rowsOf('contacts')).length).toBe(before + 1);
    expect((await rowsOf('contacts')).some((row) => row.phone_number === pia.number)).toBe(false);
  });
});

describe('another organization', () => {
  it('gets none of the events', async () => {
    const stranger = await listen(service.url, 'org_other');
    const kim = simulator.addPhone({ number: '5511988880014', name: 'Kim' });
    await kim.writes(owner, 'private');
    await events.next('whatsapp:message', (event) => event.text === 'private');
    expect(stranger.all('whatsapp:message')).toEqual([]);
    stranger.close();
  });
});

it('left no query of the client unanswered', () => {
  expect([...simulator.unknownQueries.keys()]).toEqual([]);
});
