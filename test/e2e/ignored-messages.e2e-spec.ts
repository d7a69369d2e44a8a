import type { BinaryNode } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { LinkedDevice } from '../../src/simulator/server/linked-device.js';
import type { Instance } from '../../src/repositories/instance.js';
import { SessionsHarness } from '../support/sessions-harness.js';

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;
let device: LinkedDevice;
let count = 0;

beforeAll(async () => {
  harness = await SessionsHarness.start((settings) => {
    // Most of these end the line, one after the other.
    settings.breaker.failures = 1_000;
  });
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
  device = owner.devices[0]!;
});

afterAll(async () => {
  await harness.stop();
});

/** Errors that WhatsApp was told of, and the messages that it would bring again. */
function refused(): unknown {
  return { nacks: harness.sim.ledger.counters.nacks, waiting: device.pendingCount };
}

/** A client's message that waits while the line is away; what was refused would withhold it. */
async function receivesWhatWaits(meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
  const text = `to the clinic ${(count += 1)}`;
  await whileAway(async () => {
    await meanwhile();
    await ana.writes(owner, text);
  });
  await expect.poll(async () => (await harness.inbox(instance)).at(-1)?.text, { timeout: 20_000 }).toBe(text);
}

/** The line is cut; what is written meanwhile waits for the next one. */
async function whileAway(work: () => Promise<unknown>): Promise<void> {
  const endOutage = harness.sim.faults.outage();
  const back = harness.sim.next('device.connected');
  await work();
  endOutage();
  await back;
}

/** A `<message>` of these attributes that no key opens. */
function unreadable(attrs: Record<string, string>, type = 'skmsg'): BinaryNode {
  const enc = { tag: 'enc', attrs: { v: '2', type }, content: Buffer.alloc(80, 1) };
  return { tag: 'message', attrs: { t: '1767225600', type: 'text', ...attrs }, content: [enc] };
}

describe('what is ignored is acknowledged, so that WhatsApp withholds nothing', () => {
  it.each(['status@broadcast', 'group', '120363000000000001@newsletter'])('%s', async (kind) => {
    const to = kind === 'group' ? harness.sim.addGroup('Family', [owner, ana]).id : kind;
    const live = await ana.writes(to, 'to many');
    await live.acknowledged();

    await receivesWhatWaits(() => ana.writes(to, 'to many, meanwhile'));
    await expect.poll(refused).toEqual({ nacks: {}, waiting: 0 });
  });

  it.each<[string, Record<string, string>]>([
    ['a status', { from: 'status@broadcast', participant: '123@lid' }],
    [
      'a status of the account itself',
      { from: 'status@broadcast', participant: '5511999887766@s.whatsapp.net' },
    ],
    ['a group', { from: '1203630@g.us', participant: '123:4@lid' }],
    ['a bot', { from: '867051314767696@bot' }],
    ['a channel', { from: '123@newsletter' }],
  ])('a message of %s that nobody can read', async (_name, attrs) => {
    device.queue.push({ stanza: unreadable({ id: `3EB0UNREADABLE${(count += 1)}`, ...attrs }) });
    await expect.poll(refused).toEqual({ nacks: {}, waiting: 0 });

    await receivesWhatWaits();
  });

  it.each<[string, Record<string, string>]>([
    ['to the owner', { from: '13135550002@s.whatsapp.net' }],
    [
      'in a chat of the owner on the phone',
      { from: '5511999887766@s.whatsapp.net', recipient: '867051314767696@bot' },
    ],
  ])('what an assistant writes %s', async (_name, attrs) => {
    const id = `3EB0ASSISTANT${(count += 1)}`;
    device.queue.push({ stanza: unreadable({ id, ...attrs }, 'msmsg') });
    await expect.poll(refused).toEqual({ nacks: {}, waiting: 0 });

    await receivesWhatWaits();
  });

  it('a status that comes as a stanza of its own', async () => {
    const attrs = { from: 'status@broadcast', participant: '123@lid', id: '3EB0STATUS' };
    device.queue.push({ stanza: { ...unreadable(attrs), tag: 'status' } });

    await expect.poll(refused).toEqual({ nacks: {}, waiting: 0 });
  });

  it('what came through a list and nobody can read, when it comes again', async () => {
    const attrs = { from: '1234567@broadcast', participant: ana.address('lid'), id: '3EB0LIST' };
    device.queue.push({ stanza: unreadable(attrs) });
    await expect.poll(refused).toEqual({ nacks: { 500: 1 }, waiting: 1 });

    await receivesWhatWaits();
    await expect.poll(refused).toEqual({ nacks: { 500: 1 }, waiting: 0 });
  });
});
