import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LedgerSettings } from '../../src/routing/ledger-settings.js';
import { UndecryptedSweep } from '../../src/routing/undecrypted-sweep.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { Answer } from '../../src/simulator/server/delivery/stanza-delivery.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';
const OWNER = '5511999887766';
const CLIENT = '5511988880001';
const NOBODYS_ID = '00000000-0000-4000-8000-000000000000';

interface Integrity {
  received: number;
  stored: number;
  notes: number;
  skipped: number;
  duplicates: number;
  pending: number;
  dead: number;
  undecrypted: number;
  waiting: number;
  recovered: number;
  given_up: number;
  lost: number;
  by_reason: Record<string, number>;
}

interface Entry {
  message_id: string;
  state: string;
  phone_number: string | null;
  lid: string | null;
  chat_kind: string;
  settled_at: string | null;
}

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let ana: Phone;
let instanceId: string;
let before: Integrity;

const route = (tail = '') => `/api/whatsapp/instances/${instanceId}/integrity${tail}`;

async function integrity(): Promise<Integrity> {
  const answer = await service.api.call<Integrity>('GET', route());
  expect(answer.status).toBe(200);
  return answer.body;
}

/** What came since the test began. */
async function since(): Promise<Partial<Integrity>> {
  const now = await integrity();
  const numbers = Object.entries(now).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(
    numbers
      .map(
        ([name, value]) => [name, (value as number) - (before[name as keyof Integrity] as number)] as const,
      )
      .filter(([, difference]) => difference !== 0),
  );
}

async function entryOf(messageId: string): Promise<Entry | undefined> {
  const answer = await service.api.call<{ messages: Entry[] }>('GET', route('/undecrypted?limit=100'));
  return answer.body.messages.find((entry) => entry.message_id === messageId);
}

/** What the own phone answers to the request for a message: it names its author by LID alone. */
function resentOf(author: Phone, id: string, text: string): proto.IMessage {
  const info: proto.IWebMessageInfo = {
    key: { remoteJid: author.address('lid'), fromMe: false, id },
    message: { conversation: text },
    messageTimestamp: Math.floor(Date.now() / 1_000),
  };
  const webMessageInfoBytes = proto.WebMessageInfo.encode(info).finish();
  const peerDataOperationResult = [{ placeholderMessageResendResponse: { webMessageInfoBytes } }];
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: { stanzaId: id, peerDataOperationResult },
    },
  };
}

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  owner = simulator.addPhone({ number: OWNER, name: 'Owner' });
  ana = simulator.addPhone({ number: CLIENT, name: 'Ana' });
  instanceId = await service.api.createInstance(ORGANIZATION, OWNER);
  events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  await (await ana.writes(owner, 'first')).acknowledged();
  await events.next('whatsapp:message', (event) => event.text === 'first');
});

beforeEach(async () => {
  await vi.waitUntil(async () => (await integrity()).pending === 0, { timeout: 30_000 });
  before = await integrity();
});

afterAll(async () => {
  simulator.faults.clear();
  events.close();
  await service.stop();
  await simulator.stop();
});

describe('a message that cannot be decrypted', () => {
  it('is in the ledger, and recovered when its new copy comes', async () => {
    simulator.faults.corrupt(owner);

    const sent = await ana.writes(owner, 'spoiled on its way');

    await events.next('whatsapp:message', (event) => event.text === 'spoiled on its way');
    await expect.poll(async () => (await entryOf(sent.id))?.state).toBe('recovered');
    expect(await entryOf(sent.id)).toMatchObject({ phone_number: CLIENT, lid: ana.lid, chat_kind: 'direct' });
    expect(await since()).toEqual({ received: 2, stored: 1, undecrypted: 1, recovered: 1 });
  });

  it('waits as long as no readable copy comes, is given up, and does not hold up the next one', async () => {
    simulator.faults.corrupt(owner, 50);
    const sent = await ana.writes(owner, 'spoiled each time');
    await expect.poll(async () => (await entryOf(sent.id))?.state).toBe('waiting');
    expect(await since()).toEqual({ received: 1, undecrypted: 1, waiting: 1 });

    const settings = service.service.app.get(LedgerSettings);
    const sweep = service.service.app.get(UndecryptedSweep);
    await sweep.beforeApplicationShutdown();
    Object.assign(settings, { giveUpAfterMs: 1, sweepIntervalMs: 20 });
    sweep.onApplicationBootstrap();

    await expect.poll(async () => (await entryOf(sent.id))?.state).toBe('given_up');
    await sweep.beforeApplicationShutdown();
    expect(await since()).toEqual({ received: 1, undecrypted: 1, given_up: 1, lost: 1 });
    owner.devices.forEach((device) => Object.assign(device.queue.tampering, { corrupt: 0 }));
    await ana.writes(owner, 'readable again');
    await events.next('whatsapp:message', (event) => event.text === 'readable again');
  });
});

describe('a placeholder that tells who wrote', () => {
  interface Line {
    id: string;
    whatsapp_message_id: string;
    contact_id: string;
    content: string;
    type: string;
    metadata: unknown;
    is_view_once: boolean;
  }
  const list = async <Row>(path: string, key: string): Promise<Row[]> =>
    (await service.api.call<Record<string, Row[]>>('GET', `${path}?organization_id=${ORGANIZATION}&limit=50`))
      .body[key]!;
  const lineOf = async ({ id }: { id: string }) =>
    (await list<Line>('/api/messages', 'messages')).find((row) => row.whatsapp_message_id === id);
  const contactOf = async ({ number }: Phone) =>
    (await list<{ phone_number: string; name: string; lid: string }>('/api/contacts', 'contacts')).find(
      (row) => row.phone_number === number,
    );
  const bookings = async () => (await list('/api/bookings', 'bookings')).length;

  it('makes the contact and a line in the conversation, whose place the readable copy takes', async () => {
    const eva = simulator.addPhone({ number: '5511988880004', name: 'Eva' });
    const booked = await bookings();
    simulator.faults.empty(owner);
    const sent = await eva.writes(owner, 'readable at last');
    const shown = await events.next('whatsapp:message-updated', ({ messageId }) => messageId === sent.id);
    const line = await lineOf(sent);

    expect(line).toMatchObject({
      id: shown.id,
      contact_id: shown.contactId,
      type: 'unsupported',
      content: '[unreadable message] could not be read yet',
      metadata: { placeholder: 'unavailable' },
    });
    expect(shown).toMatchObject({ change: 'placeholder', from: eva.number, fromMe: false });
    expect(await contactOf(eva)).toMatchObject({ name: 'Eva', lid: eva.lid });
    expect(await bookings()).toBe(booked);
    const first = await eva.writes(owner, 'after it');
    await events.next('whatsapp:message', ({ messageId }) => messageId === first.id);

    await owner.tellsDevice(owner.devices[0]!, resentOf(eva, sent.id, 'readable at last'));
    const told = await events.next('whatsapp:message', ({ messageId }) => messageId === sent.id);
    const replaced = await lineOf(sent);
    expect(told).toMatchObject({ text: 'readable at last', contactId: shown.contactId, from: eva.number });
    expect(replaced).toMatchObject({ id: line!.id, type: 'text', content: 'readable at last' });
    expect(replaced).toMatchObject({ metadata: null });
    expect(await contactOf(eva)).toMatchObject({ name: 'Eva', lid: eva.lid });
    const order = (await list<Line>('/api/messages', 'messages')).map((row) => row.whatsapp_message_id);
    expect(order.indexOf(sent.id)).toBe(order.indexOf(first.id) + 1);
    const page = async (cursor = '') =>
      (
        await service.api.call<{ messages: Line[]; next_cursor: string }>(
          'GET',
          `/api/messages?organization_id=${ORGANIZATION}&contact_id=${shown.contactId}&limit=1${cursor}`,
        )
      ).body;
    const newest = await page();
    const older = await page(`&cursor=${newest.next_cursor}`);
    expect([newest, older].map(({ messages }) => messages[0]?.whatsapp_message_id)).toEqual([
      first.id,
      sent.id,
    ]);
    expect((await entryOf(sent.id))?.state).toBe('recovered');
  });

  it('joins what the placeholder named with a copy that names the LID alone', async () => {
    const rui = simulator.addPhone({ number: '5511988880005', name: 'Rui' });
    const attrs = { id: '3EB0RUI', from: rui.address('pn'), notify: 'Rui', t: '1767225600', type: 'text' };
    const content = [{ tag: 'unavailable', attrs: {} }];
    owner.devices[0]!.queue.push({ stanza: { tag: 'message', attrs, content } });
    const shown = await events.next('whatsapp:message-updated', ({ messageId }) => messageId === attrs.id);

    await owner.tellsDevice(owner.devices[0]!, resentOf(rui, attrs.id, 'from the phone'));
    const told = await events.next('whatsapp:message', ({ messageId }) => messageId === attrs.id);

    expect(told).toMatchObject({ contactId: shown.contactId, from: rui.number, text: 'from the phone' });
    expect(await contactOf(rui)).toMatchObject({ name: 'Rui', lid: rui.lid });
  });

  it('of what is seen once says so, and nothing is lost', async () => {
    const sent = await ana.writes(owner, { image: {} }, { unavailable: 'view_once' });
    await events.next('whatsapp:message-updated', ({ messageId }) => messageId === sent.id);

    expect(await lineOf(sent)).toMatchObject({
      content: '[view once] look on the phone',
      is_view_once: true,
      metadata: { placeholder: 'view_once' },
    });
    expect(await entryOf(sent.id)).toBeUndefined();
    expect(await since()).toEqual({ received: 1, stored: 1 });
  });

  it('waits with what is done to it until it can be read', async () => {
    simulator.faults.empty(owner);
    const sent = await ana.writes(owner, 'first wording');
    await events.next('whatsapp:message-updated', ({ messageId }) => messageId === sent.id);
    await ana.writes(owner, { edit: sent, text: 'second wording' });
    await ana.writes(owner, 'and on');
    await events.next('whatsapp:message', ({ text }) => text === 'and on');
    expect(await lineOf(sent)).toMatchObject({ type: 'unsupported' });

    await owner.tellsDevice(owner.devices[0]!, resentOf(ana, sent.id, 'first wording'));
    await events.next('whatsapp:message-edited', ({ messageId }) => messageId === sent.id);
    expect(await lineOf(sent)).toMatchObject({ type: 'text', content: 'second wording' });
  });
});

describe('the account of what was received', () => {
  it('adds up, whatever came', async () => {
    const bob = simulator.addPhone({ number: '5511988880002', name: 'Bob' });
    simulator.faults.duplicate(owner);
    await ana.writes(owner, 'twice');
    await events.next('whatsapp:message', (event) => event.text === 'twice');
    await ana.writes(owner, 'mine', { id: 'SAME' });
    await bob.writes(owner, 'his', { id: 'SAME' });
    await ana.reacts(owner, '👍', await ana.writes(owner, 'like me'));
    await owner.notesToSelf('buy stamps');
    await ana.writes(owner, 'last');
    await events.next('whatsapp:message', (event) => event.text === 'last');
    await expect.poll(async () => (await since()).notes).toBe(1);

    expect(await since()).toMatchObject({ stored: 5, notes: 1, skipped: 1 });
    const now = await integrity();
    expect(
      now.stored + now.notes + now.skipped + now.duplicates + now.pending + now.dead + now.undecrypted,
    ).toBe(now.received);
    expect(now.waiting + now.recovered + now.given_up).toBe(now.undecrypted);
    expect(now.by_reason['reaction']).toBe(1);
    expect(events.all('whatsapp:message').filter((event) => event.messageId === 'SAME')).toHaveLength(2);
  });

  it('is not bent by a sender’s clock, nor are lists, events and contacts', async () => {
    const texts = ['from the future', 'from the past', 'from today'];
    const times = ['2099-01-01T00:00:00Z', '1999-01-01T00:00:00Z', new Date().toISOString()];
    for (const [index, text] of texts.entries()) {
      await ana.writes(owner, text, { timestamp: new Date(times[index]!) });
    }
    await events.next('whatsapp:message', (event) => event.text === 'from today');

    expect(await since()).toEqual({ received: 3, stored: 3 });
    const shown = events.all('whatsapp:message').filter((event) => texts.includes(event.text));
    expect(shown.map((event) => event.text)).toEqual(texts);
    expect(Date.parse(shown[0]!.timestamp)).toBeLessThanOrEqual(Date.now());
    const list = await service.api.call<{ messages: { content: string }[] }>(
      'GET',
      `/api/messages?organization_id=${ORGANIZATION}&limit=3`,
    );
    expect(list.body.messages.map((message) => message.content)).toEqual(texts.toReversed());
    const contacts = await service.api.call<{ contacts: { last_message_at: string }[] }>(
      'GET',
      `/api/contacts?organization_id=${ORGANIZATION}&phone_number=${CLIENT}`,
    );
    const [contact] = contacts.body.contacts;
    expect(Date.parse(contact!.last_message_at)).toBeLessThanOrEqual(Date.now());
  });

  it('is refused for a period that makes no sense, and for an instance that is not there', async () => {
    const bad = [
      '?from=yesterday',
      '?to=2025-13-01',
      '?from=2025-10-02&to=2025-10-01',
      '?from=2020-01-01',
      '?since=1',
    ];
    for (const query of bad) {
      const answer = await service.api.call<{ code: string; details: unknown[] }>('GET', route(query));
      expect([query, answer.status, answer.body.code, answer.body.details.length]).toEqual([
        query,
        400,
        'validation_failed',
        1,
      ]);
    }
    expect((await service.api.call('GET', route('/undecrypted?state=lost'))).body).toMatchObject({
      code: 'validation_failed',
    });
    expect((await service.api.call('GET', route('/undecrypted?cursor=x'))).body).toMatchObject({
      code: 'invalid_cursor',
    });
    for (const tail of ['', '/undecrypted']) {
      const answer = await service.api.call('GET', `/api/whatsapp/instances/${NOBODYS_ID}/integrity${tail}`);
      expect([answer.status, answer.body['code']]).toEqual([404, 'instance_not_found']);
    }
  });
});

describe('dead messages', () => {
  it('are routed again on demand', async () => {
    const database = service.service.app.get<OpenDatabase>(OPEN_DATABASE);
    await ana.writes(owner, 'dies');
    const [event] = await events.count('whatsapp:message', 1, (one) => one.text === 'dies');
    await database.sql(`delete from messages where whatsapp_message_id = $1::text`, [event!.messageId]);
    await database.sql(
      `update inbox set state = 2, outcome = 'dead', reason = 'wrong_padding' where message_id = $1::text`,
      [event!.messageId],
    );
    expect(await since()).toEqual({ received: 1, dead: 1 });
    const redrive = (body: unknown) =>
      service.api.call<{ redriven: number }>('POST', '/api/admin/inbox/redrive', body);

    expect((await redrive({ organization_id: 'org_other' })).body).toEqual({ success: true, redriven: 0 });
    expect((await redrive({ limit: 0 })).body).toMatchObject({ code: 'validation_failed' });
    expect((await redrive({ instance_id: instanceId, limit: 10 })).body).toEqual({
      success: true,
      redriven: 1,
    });

    await events.count('whatsapp:message', 2, (one) => one.text === 'dies');
    expect(await since()).toEqual({ received: 1, stored: 1 });
    expect((await redrive(undefined)).body).toEqual({ success: true, redriven: 0 });
  });
});

describe('messages of a kind that nobody knew', () => {
  it('are read again where they stand, once somebody does', async () => {
    const sent = await ana.writes(owner, { poll: { question: 'When?', options: ['Mon', 'Tue'] } });
    const told = await events.next('whatsapp:message', ({ messageId }) => messageId === sent.id);
    const notes = events.all('whatsapp:note').length;
    await owner.writes(ana, { poll: { question: 'Where?', options: ['Here'] } }, { id: '3EB0OWNPOLL' });
    await events.count('whatsapp:note', notes + 1);
    const database = service.service.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
    const forget = (table: string, id: string) =>
      database.sql(
        `update ${table} set type = 'unsupported', content = '[unsupported message] x', metadata = null, secret = null
           where whatsapp_message_id = $1::text`,
        [id],
      );
    await forget('messages', sent.id);
    await forget('notes', '3EB0OWNPOLL');
    await ana.writes(owner, { raw: { chat: { displayName: 'nobody knows' } } });
    await events.next('whatsapp:message', ({ type }) => type === 'unsupported');
    const account = await since();
    const redrive = async (kind: string) =>
      (await service.api.call('POST', '/api/admin/inbox/redrive', { kind, organization_id: ORGANIZATION }))
        .body;

    expect(await redrive('eventMessage')).toEqual({ success: true, redriven: 0 });
    expect(await redrive('not a kind')).toMatchObject({ code: 'validation_failed' });
    expect(await redrive('unsupported')).toEqual({ success: true, redriven: 3 });

    const updates = await events.count(
      'whatsapp:message-updated',
      2,
      ({ change }) => change === 'read_again',
    );
    expect(updates.map(({ messageId }) => messageId)).toEqual([sent.id, '3EB0OWNPOLL']);
    expect(updates[0]).toMatchObject({ contactId: told.contactId, from: CLIENT, fromMe: false });
    expect(await since()).toEqual(account);
    const answer = await service.api.call('GET', `/api/messages/${updates[0]!.id}`);
    expect(answer.body).toMatchObject({ message: { type: 'poll', metadata: { question: 'When?' } } });
    expect(events.all('whatsapp:message').filter(({ messageId }) => messageId === sent.id)).toHaveLength(1);
  });
});

describe('what is no direct message of somebody who is known', () => {
  const stanza = (attrs: Record<string, string>) => ({
    tag: 'message',
    attrs: { t: '1767225600', type: 'text', ...attrs },
    content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: Buffer.alloc(80, 1) }],
  });

  it('is shown in the direct chat where it came through a list', async () => {
    const lia = simulator.addPhone({ number: '5511988880003', name: 'Lia' });
    const write = async (text: string, addressing: 'lid' | 'pn') => {
      const sent = await lia.writes('1700000001@broadcast', text, { recipients: [owner], addressing });
      await sent.acknowledged();
      return events.next('whatsapp:message', (event) => event.text === text);
    };

    const first = await write('to many', 'lid');
    const second = await write('to many again', 'pn');
    await lia.writes(owner, 'to you');
    const direct = await events.next('whatsapp:message', (event) => event.text === 'to you');

    expect([first, second, direct].map(({ from, contactId }) => [from, contactId])).toEqual(
      Array.from({ length: 3 }, () => [lia.number, direct.contactId]),
    );
    expect(await since()).toEqual({ received: 3, stored: 3 });
  });

  it('is recovered where it came through a list and could not be read at first', async () => {
    simulator.faults.corrupt(owner);

    const sent = await ana.writes('1700000001@broadcast', 'spoiled for many', { recipients: [owner] });

    await events.next('whatsapp:message', (event) => event.text === 'spoiled for many');
    await expect.poll(async () => (await entryOf(sent.id))?.state).toBe('recovered');
    expect(await since()).toEqual({ received: 2, stored: 1, undecrypted: 1, recovered: 1 });
  });

  it.each<[string, Record<string, string>, object]>([
    [
      'of the account under an address that the session does not know',
      { id: '3EB0OTHERLID', from: '999888777666@lid', recipient: '5511988880001@s.whatsapp.net' },
      { dead: 1 },
    ],
    [
      'from a kind of address that nobody knows',
      { id: '3EB0KIND', from: '5511988880001@interop' },
      { undecrypted: 1, waiting: 1 },
    ],
    [
      'to a list of the account',
      { id: '3EB0OWNLIST', from: '5511999887766@s.whatsapp.net', recipient: '1700000009@broadcast' },
      { undecrypted: 1, waiting: 1 },
    ],
  ])('has a row: %s', async (_name, attrs, account) => {
    const answer = Promise.withResolvers<Answer>();
    owner.devices[0]!.queue.push({ stanza: stanza(attrs), answered: answer.resolve });

    await expect.poll(since).toEqual({ received: 1, ...account });
    expect((await answer.promise).kind).toBe('ack');
  });
});
