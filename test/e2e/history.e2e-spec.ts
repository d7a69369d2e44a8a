import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { LinkedDevice } from '../../src/simulator/server/linked-device.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_history';
const PATIENCE = { timeout: 30_000, interval: 100 };
const { HistorySyncType } = proto.HistorySync;

interface Row {
  id: string;
  content: string;
  contact_id: string | null;
  whatsapp_message_id: string;
  sent_at: string;
}
interface History {
  state: string;
  policy: string;
  progress: number | null;
  messages: number;
  failed: number;
  syncs: {
    state: string;
    type: string;
    stored: number;
    known: number;
    error: string | null;
    request_id: string | null;
  }[];
}

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let ana: Phone;
let bea: Phone;
let device: LinkedDevice;
let instanceId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988880001', name: 'Ana' });
  bea = simulator.addPhone({ number: '5511988880002', name: 'Bea' });
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  device = owner.devices[0]!;
});

afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

async function rowsOf(kind: 'messages' | 'notes' | 'contacts' | 'bookings', query = ''): Promise<Row[]> {
  const answer = await service.api.call<Record<string, Row[]>>(
    'GET',
    `/api/${kind}?organization_id=${ORGANIZATION}&limit=100${query}`,
  );
  expect(answer.status).toBe(200);
  return answer.body[kind]!;
}

async function history(): Promise<History> {
  const answer = await service.api.call<{ history: History }>(
    'GET',
    `/api/whatsapp/instances/${instanceId}/history`,
  );
  expect(answer.status).toBe(200);
  return answer.body.history;
}

/** So many pieces are over. */
async function overWith(pieces: number): Promise<History> {
  await expect
    .poll(async () => (await history()).syncs.filter(({ state }) => state !== 'pending').length, PATIENCE)
    .toBe(pieces);
  return history();
}

let pieces = 0;
async function handOver(
  ...given: Parameters<Phone['handsOver']> extends [unknown, ...infer Rest] ? Rest : never
) {
  const sent = await owner.handsOver(device, ...given);
  await sent.settled;
  pieces += 1;
  return overWith(pieces);
}

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute));

describe('history', () => {
  it('begins with what WhatsApp hands over at the link', async () => {
    pieces = 1;
    expect(await overWith(1)).toMatchObject({ state: 'done', policy: 'store', progress: 100, messages: 0 });
  });

  it('is stored without contacts, bookings and events, before everything that was received', async () => {
    await ana.writes(owner, 'live');
    await events.next('whatsapp:message');
    const before = events.all('whatsapp:message').length;

    const found = await handOver(
      [
        {
          with: ana,
          messages: [
            { content: 'second', at: at(2), id: 'H2' },
            { content: 'first', at: at(1), id: 'H1' },
            { content: 'answer', at: at(3), id: 'H3', fromMe: true },
          ],
        },
        { with: bea, messages: [{ content: 'from a stranger', at: at(4), id: 'H4' }] },
        { with: '120363000000000001@g.us', messages: [{ content: 'in a group', at: at(5), author: bea }] },
        { with: 'status@broadcast', messages: [{ content: 'a status', at: at(5), author: bea }] },
      ],
      { progress: 40 },
    );

    expect(found).toMatchObject({ state: 'done', progress: 40, messages: 4 });
    expect(found.syncs[0]).toMatchObject({ type: 'recent', stored: 4, known: 0, error: null });
    const contacts = await rowsOf('contacts');
    expect(contacts).toHaveLength(1);
    const messages = await rowsOf('messages');
    expect(messages.map(({ content }) => content)).toEqual(['live', 'from a stranger', 'second', 'first']);
    expect(messages[2]).toMatchObject({ contact_id: contacts[0]!.id, sent_at: at(2).toISOString() });
    expect(messages[1]).toMatchObject({ contact_id: null });
    const notes = await rowsOf('notes');
    expect(notes.map(({ content, contact_id }) => [content, contact_id])).toEqual([
      ['answer', contacts[0]!.id],
    ]);
    expect(await rowsOf('bookings')).toHaveLength(1);
    expect(events.all('whatsapp:message')).toHaveLength(before);
  });

  it('is paged like what was received', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const answer: { body: { messages: Row[]; next_cursor: string | null } } = await service.api.call(
        'GET',
        `/api/messages?organization_id=${ORGANIZATION}&limit=1${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...answer.body.messages.map(({ content }) => content));
      cursor = answer.body.next_cursor;
    }
    expect(seen).toEqual(['live', 'from a stranger', 'second', 'first']);
  });

  it('stores nothing twice, whatever the chat is called, and not what came live', async () => {
    const live = (await rowsOf('messages'))[0]!;
    const found = await handOver([
      {
        with: ana,
        messages: [
          { content: 'live', at: new Date(live.sent_at), id: live.whatsapp_message_id },
          { content: 'first', at: at(1), id: 'H1' },
          { content: 'answer', at: at(3), id: 'H3', fromMe: true },
        ],
      },
      { with: bea, messages: [{ content: 'from a stranger', at: at(4), id: 'H4' }] },
    ]);
    expect(found.syncs[0]).toMatchObject({ stored: 0, known: 4 });
    expect(await rowsOf('messages')).toHaveLength(4);
  });

  it('belongs to a contact as soon as there is one, and what is received after all is told of', async () => {
    await bea.writes(owner, 'from a stranger', { id: 'H4' });
    const told = await events.next('whatsapp:message', ({ text }) => text === 'from a stranger');
    const messages = await rowsOf('messages', `&contact_id=${String(told['contactId'])}`);
    expect(messages.map(({ content }) => content)).toEqual(['from a stranger']);
    expect((await rowsOf('messages')).map(({ content }) => content)).toEqual([
      'from a stranger',
      'live',
      'second',
      'first',
    ]);
  });

  it('comes inline, too, and of every chat at once', async () => {
    const chats = Array.from({ length: 3 }, (_, chat) => ({
      with: simulator.addPhone({ number: `551198888100${chat}`, name: `Client ${chat}` }),
      messages: Array.from({ length: 60 }, (_unused, index) => ({
        content: `${chat}/${index}`,
        at: at(10 + index),
        fromMe: index % 3 === 0,
      })),
    }));
    const found = await handOver(chats, { isInline: true, syncType: HistorySyncType.INITIAL_BOOTSTRAP });
    expect(found.syncs[0]).toMatchObject({ type: 'initial_bootstrap', stored: 180 });
  });

  it('fails visibly where the file is gone', async () => {
    const found = await handOver([{ with: ana, messages: [{ content: 'gone', at: at(1) }] }], {
      lifetimeMs: -1,
    });
    expect(found).toMatchObject({ state: 'failed', failed: 1 });
    expect(found.syncs[0]).toMatchObject({ state: 'failed', error: 'expired', stored: 0 });
  });

  it('is taken from the own phone alone', async () => {
    const forged = proto.Message.fromObject({
      protocolMessage: {
        type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
        historySyncNotification: {
          syncType: HistorySyncType.RECENT,
          initialHistBootstrapInlinePayload: Buffer.from('forged'),
        },
      },
    });
    const sent = await ana.writes(owner, { raw: forged });
    await sent.settled;
    await ana.writes(owner, 'after it');
    await events.next('whatsapp:message', ({ text }) => text === 'after it');
    expect((await history()).syncs).toHaveLength(pieces);
  });

  it('makes contacts where the instance says so, and nothing where it says that', async () => {
    const path = `/api/whatsapp/instances/${instanceId}`;
    expect((await service.api.call('PATCH', path, { history: 'sometimes' })).status).toBe(400);
    const patched = await service.api.call('PATCH', path, { history: 'contacts' });
    expect(patched.body).toMatchObject({ instance: { history: 'contacts' } });
    const cid = simulator.addPhone({ number: '5511988880003', name: 'Cid' });
    const bookings = (await rowsOf('bookings')).length;
    await handOver([{ with: cid, messages: [{ content: 'an old friend', at: at(1) }] }]);
    const contact = (await rowsOf('contacts')).find((row) => Object.values(row).includes(cid.number));
    expect(contact).toBeDefined();
    expect((await rowsOf('messages', `&contact_id=${contact!.id}`)).map(({ content }) => content)).toEqual([
      'an old friend',
    ]);
    expect(await rowsOf('bookings')).toHaveLength(bookings);

    await service.api.call('PATCH', path, { history: 'ignore' });
    await (
      await owner.handsOver(device, [{ with: cid, messages: [{ content: 'x', at: at(2) }] }])
    ).settled;
    await ana.writes(owner, 'and after that');
    await events.next('whatsapp:message', ({ text }) => text === 'and after that');
    expect((await history()).syncs).toHaveLength(pieces);
  });
});

describe('older messages of one chat', () => {
  const ask = (contactId: string, count?: number) =>
    service.api.call<{ request_id: string }>('POST', `/api/whatsapp/instances/${instanceId}/history`, {
      contact_id: contactId,
      count,
    });

  const keep = (policy: string) =>
    service.api.call('PATCH', `/api/whatsapp/instances/${instanceId}`, { history: policy });

  it('are not asked for where they would not be kept', async () => {
    await keep('ignore');

    expect(await ask('00000000-0000-4000-8000-000000000000')).toMatchObject({
      status: 400,
      body: { details: [{ path: '' }] },
    });
    await keep('store');
  });

  it('are asked of the phone, and stored as history before the oldest that is known', async () => {
    const lia = simulator.addPhone({ number: '5511988880009', name: 'Lia' });
    await lia.writes(owner, 'hello from Lia');
    const { contactId } = await events.next('whatsapp:message', ({ text }) => text === 'hello from Lia');
    const past = Array.from({ length: 3 }, (_, index) => ({ content: `old ${index}`, at: at(index) }));
    owner.past = [
      { with: lia, messages: past },
      { with: bea, messages: [{ content: 'of another chat', at: at(1) }] },
    ];
    const told = events.all('whatsapp:message').length;
    const before = [await rowsOf('contacts'), await rowsOf('bookings')].map(({ length }) => length);

    const asked = await ask(contactId!, 2);

    expect(asked).toMatchObject({ status: 200, body: { request_id: expect.any(String) } });
    const ours = async () =>
      (await history()).syncs.find((sync) => sync.request_id === asked.body.request_id);
    await expect.poll(ours, PATIENCE).toMatchObject({ state: 'done', type: 'on_demand', stored: 2 });
    const texts = async () =>
      (await rowsOf('messages', `&contact_id=${contactId}`)).map(({ content }) => content);
    expect(await texts()).toEqual(['hello from Lia', 'old 2', 'old 1']);
    expect([await rowsOf('contacts'), await rowsOf('bookings')].map(({ length }) => length)).toEqual(before);
    expect(events.all('whatsapp:message')).toHaveLength(told);

    await ask(contactId!);
    await expect.poll(texts, PATIENCE).toEqual(['hello from Lia', 'old 2', 'old 1', 'old 0']);
  });

  it('come from the account’s own phone alone', async () => {
    const eve = simulator.addPhone({ number: '5511988880010', name: 'Eve' });
    const { syncs } = await history();
    const historySyncNotification = {
      initialHistBootstrapInlinePayload: Buffer.from('forged'),
      syncType: HistorySyncType.ON_DEMAND as number,
      peerDataRequestSessionId: syncs.at(0)!.request_id,
    };
    const type = proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION;
    const forged = await eve.writes(owner, { raw: { protocolMessage: { type, historySyncNotification } } });
    await forged.acknowledged();
    await eve.writes(owner, 'and now a message');
    await events.next('whatsapp:message', ({ text }) => text === 'and now a message');

    expect((await history()).syncs).toHaveLength(syncs.length);
  });

  it('need a message from which to count', async () => {
    expect(await ask('00000000-0000-4000-8000-000000000000')).toMatchObject({
      status: 400,
      body: { details: [{ path: 'contact_id', message: 'is no contact with messages of this instance' }] },
    });
  });
});
