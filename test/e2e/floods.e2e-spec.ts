import type { BinaryNode } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { Content } from '../../src/simulator/phones/message-content.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { RawStanzaSender, unknownKind } from '../support/raw-stanza-sender.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';
/** How long whatever is not part of the flood may take. */
const LIMIT_MS = 2_000;

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let bia: Phone;
let rawSender: RawStanzaSender;
let instanceId: string;
let senderCount = 0;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  bia = simulator.addPhone({ number: '5521988776655', name: 'Bia' });
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  events = await listen(service.url, ORGANIZATION);
  const bootstrapped = simulator.next('device.bootstrapped');
  await owner.types(await service.api.pairingCode(instanceId));
  await bootstrapped;
  await bia.writes(owner, 'hello');
  await events.next('whatsapp:message', ({ text }) => text === 'hello');
  await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
    to: bia.number,
    message: 'hi',
  });
});

beforeEach(() => {
  senderCount += 1;
  const mallory = simulator.addPhone({ number: `${5_541_977_665_500 + senderCount}`, name: 'Mallory' });
  rawSender = new RawStanzaSender(mallory, owner.devices[0]!);
});

afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

const times = (count: number, make: (index: number) => BinaryNode): BinaryNode[] =>
  Array.from({ length: count }, (_, index) => make(index));

const child = (
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode['content'],
): BinaryNode => ({
  tag,
  attrs,
  ...(content && { content }),
});

/** Messages of another client and an answer to it, begun in the middle of a flood, and what comes of them. */
async function beside(flood: readonly BinaryNode[], name: string) {
  const half = Math.ceil(flood.length / 2);
  const begunAt = performance.now();
  const taken = async (work: Promise<unknown>) => {
    await work;
    return performance.now() - begunAt;
  };
  rawSender.sends(flood.slice(0, half));
  const answer = { to: bia.number, message: `answer ${name}` };
  const sending = service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, answer);
  const writing = [1, 2, 3].map((part) => bia.writes(owner, `beside ${name} ${part}`));
  rawSender.sends(flood.slice(half));
  await Promise.all(writing);
  const heard = events.count(
    'whatsapp:message',
    3,
    ({ text }) => text?.startsWith(`beside ${name}`) === true,
  );
  const [heardMs, sentMs] = await Promise.all([taken(heard), taken(sending)]);
  const texts = (await heard).map(({ text }) => text);
  const isLate = Math.max(heardMs, sentMs) > LIMIT_MS;
  return { texts, status: (await sending).body['status'], isLate };
}

/** What comes of them when nobody is held up. */
const inTime = (name: string) => ({
  texts: [1, 2, 3].map((part) => `beside ${name} ${part}`),
  status: 'sent',
  isLate: false,
});

/** WhatsApp has an answer to everything, and so nothing to bring again. */
async function isAllAnswered(): Promise<void> {
  await expect.poll(() => owner.devices[0]!.pendingCount, { timeout: 90_000, interval: 100 }).toBe(0);
}

/** @returns how many messages of the sender are listed as unreadable */
async function unreadableCount(): Promise<number> {
  const database = service.service.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
  const { rows } = await database.sql(
    `select count(*)::int as count from undecrypted_messages where message_id like $1::text`,
    [`3EB0${rawSender.phone.number}%`],
  );
  return (rows as { count: number }[])[0]!.count;
}

describe('unreadable messages of one person hold nobody up, and none is lost', () => {
  it.each<[string, number, (index: number) => BinaryNode]>([
    ['100 messages', 100, () => rawSender.unreadable()],
    ['100 of ten devices', 100, (index) => rawSender.unreadable({ device: index % 10 })],
    ['100 first messages with bad keys', 100, () => rawSender.unreadable({ type: 'pkmsg' })],
    ['100 without content', 100, () => rawSender.unavailable()],
    ['1000 messages', 1_000, () => rawSender.unreadable()],
  ])(
    '%s',
    async (name, count, make) => {
      const asked = new Set<string>();
      const note = ({ type, ids }: { type: string | undefined; ids: readonly string[] }) =>
        type === 'retry' && ids.forEach((id) => asked.add(id));
      simulator.on('receipt', note);

      expect(await beside(times(count, make), name)).toEqual(inTime(name));

      await isAllAnswered();
      await expect.poll(unreadableCount, { timeout: 30_000, interval: 100 }).toBe(count);
      simulator.off('receipt', note);
      expect(asked.size).toBe(name.endsWith('content') ? 0 : count);
    },
    150_000,
  );

  it('the same ones again and again', async () => {
    const flood = times(100, (index) => rawSender.unreadable({ id: `3EB0AGAIN${index % 10}` }));

    expect(await beside(flood, 'again')).toEqual(inTime('again'));
    await isAllAnswered();
  }, 60_000);
});

describe('whatever else one person sends holds nobody up', () => {
  const from = () => rawSender.phone.address('lid');
  it.each<[string, (index: number) => BinaryNode]>([
    ['receipts', () => rawSender.stanza('receipt')],
    [
      'requests for messages',
      () => rawSender.stanza('receipt', { type: 'retry' }, [child('retry', { count: '1' })]),
    ],
    ['calls', (i) => rawSender.stanza('call', {}, [child('offer', { 'call-id': `${i}`, from: from() })])],
    ['identity changes', () => rawSender.stanza('notification', { type: 'encrypt' }, [child('identity')])],
    ['pictures', () => rawSender.stanza('notification', { type: 'picture' }, [child('set', { id: '1' })])],
    [
      'device lists',
      () =>
        rawSender.stanza('notification', { type: 'devices' }, [
          child('update', {}, [child('device', { jid: from() })]),
        ]),
    ],
    [
      'tokens',
      () =>
        rawSender.stanza('notification', { type: 'privacy_token' }, [
          child('tokens', {}, [
            child('token', { t: '1', type: 'trusted_contact', jid: from() }, Buffer.from('x')),
          ]),
        ]),
    ],
    ['notifications of no known kind', () => rawSender.stanza('notification', { type: 'unheard_of' })],
    ['statuses', () => rawSender.stanza('message', { from: 'status@broadcast', participant: from() })],
  ])(
    '300 %s',
    async (name, make) => {
      expect(await beside(times(300, make), name)).toEqual(inTime(name));
      await isAllAnswered();
    },
    60_000,
  );

  it.each<[string, number, Content]>([
    ['long texts', 40, 'x'.repeat(60_000)],
    ['messages of no known kind', 100, { raw: unknownKind() }],
    ['reactions', 100, { reaction: '👍', to: { id: '3EB0NONE', from: '5511999887766' } }],
  ])(
    '%s',
    async (name, count, content) => {
      const writing = Array.from({ length: count }, () => rawSender.phone.writes(owner, content));
      await writing[0];

      expect(await beside([], name)).toEqual(inTime(name));
      const sent = await Promise.all(writing);
      await Promise.all(sent.map((message) => message.acknowledged()));
    },
    60_000,
  );

  it('typing', async () => {
    const typing = () => times(300, () => child('chatstate', { from: from() }, [child('composing')]));
    typing().forEach((stanza) => owner.devices[0]!.connection!.send(stanza));

    expect(await beside([], 'typing')).toEqual(inTime('typing'));
  });

  it('an unreadable message while a send waits for WhatsApp', async () => {
    simulator.faults.swallowQueries('usync');
    const waits = simulator.next('query.disturbed');
    const carla = simulator.addPhone({ number: '5531988112233', name: 'Carla' });
    await carla.writes(owner, 'hello from carla');
    await events.next('whatsapp:message', ({ text }) => text === 'hello from carla');
    void service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
      to: carla.number,
      message: 'x',
    });
    await waits;

    const begunAt = performance.now();
    rawSender.sends(times(3, () => rawSender.unreadable()));
    await bia.writes(owner, 'meanwhile');
    await events.next('whatsapp:message', ({ text }) => text === 'meanwhile');
    expect(performance.now() - begunAt).toBeLessThan(LIMIT_MS);
  }, 60_000);
});
