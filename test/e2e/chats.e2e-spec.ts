import { afterEach, beforeEach, expect, it } from 'vitest';
import { DomainEventBus, type DomainEvents } from '../../src/common/domain-events.js';
import type { Instance } from '../../src/repositories/instance.js';
import { MessagesRepository } from '../../src/repositories/messages.repository.js';
import { ReadsRepository } from '../../src/repositories/reads.repository.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { SessionsHarness } from '../support/sessions-harness.js';

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;

beforeEach(async () => {
  harness = await SessionsHarness.start();
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
});
afterEach(() => harness.stop());

it('a message that is sent, delivered, read and played says so in order, across a restart', async () => {
  const messages = new MessagesRepository(harness.database.client);
  const sent = await harness.sessions.sendText(instance, { to: ana.number, message: 'hello' });
  const received = await ana.receives(({ id }) => id === sent.whatsappMessageId);
  const stands = async () => (await messages.findMessage('all', sent.messageId))?.status;
  await expect.poll(stands, { timeout: 20_000 }).toBe('delivered');
  ana.reads(received);
  await expect.poll(stands, { timeout: 20_000 }).toBe('read');

  await harness.restart();
  await expect
    .poll(() => harness.sessions.currentPrincipals(instance.id)?.status, { timeout: 30_000 })
    .toBe('connected');
  ana.plays(received);
  await expect.poll(stands, { timeout: 20_000 }).toBe('played');

  const { statusAt } = (await messages.findMessage('all', sent.messageId))!;
  const times = ['sent', 'delivered', 'read', 'played'].map((status) => statusAt[status as 'sent']);
  expect(times).toEqual(times.toSorted((a = '', b = '') => a.localeCompare(b)));
  expect(times).not.toContain(undefined);
  const told = harness.events.flatMap((event) =>
    event.name === 'whatsapp:message-status' ? [event.payload.status] : [],
  );
  expect(told).toEqual(['sent', 'delivered', 'read', 'played']);
});

it('WhatsApp says whether a number has it, and under which spelling', async () => {
  const lookUp = async (number: string) =>
    (await harness.sessions.act(instance, { action: 'look_up', number })).number;

  expect(await lookUp('552188776655')).toEqual({
    exists: true,
    phoneNumber: ana.number,
    lid: ana.lid,
    business: false,
  });
  expect(await lookUp('5521900000000')).toEqual({ exists: false, phoneNumber: null, lid: null });
});

it('who is watched is heard of when there and when typing, and nobody else', async () => {
  const bia = harness.sim.addPhone({ number: '5531977665544', name: 'Bia' });
  const changes: DomainEvents['chat.presence_changed'][0][] = [];
  (harness.bus as DomainEventBus).on('chat.presence_changed', (change) => changes.push(change));

  const { watchedUntil } = await harness.sessions.act(instance, { action: 'watch', to: `${ana.lid}@lid` });
  const heard = () => changes.map(({ presence }) => presence);
  await expect.poll(heard).toEqual(['unavailable']);
  bia.typing(owner);
  ana.typing(owner);

  await expect.poll(heard).toEqual(['unavailable', 'composing']);
  expect(Date.parse(watchedUntil!)).toBeGreaterThan(Date.now());
  expect(new Set(changes.map(({ instanceId }) => instanceId))).toEqual(new Set([instance.id]));
});

it('what is read here is told to WhatsApp', async () => {
  const written = await ana.writes(owner, 'are you there?');
  const read = harness.sim.next('receipt', ({ type }) => type === 'read');

  await harness.sessions.act(instance, {
    action: 'read',
    chats: [{ chatJid: `${ana.lid}@lid`, ids: [written.id] }],
  });

  expect(await read).toMatchObject({ ids: [written.id], to: `${ana.lid}@lid` });
  expect(await new ReadsRepository(harness.database.client).readContact('clinic', instance.id)).toBeNull();
});

it('typing needs a line', async () => {
  await harness.sessions.act(instance, { action: 'typing', to: ana.number, state: 'recording' });
  const other = await harness.addInstance();

  await expect(
    harness.sessions.act(other, { action: 'typing', to: ana.number, state: 'composing' }),
  ).rejects.toMatchObject({ code: 'instance_not_connected' });
});

it('a number that is logged out is linked no more, here and on the phone, and can be linked again', async () => {
  await harness.sessions.act(instance, { action: 'log_out' });

  await expect.poll(() => owner.devices).toEqual([]);
  const stored = () => harness.instances.findInstance('all', instance.id);
  await expect.poll(stored, { timeout: 20_000 }).toMatchObject({
    lastDisconnectReason: 'logged_out',
    status: 'disconnected',
    hasSession: false,
    deletedAt: null,
  });
  await expect(harness.sessions.act(instance, { action: 'log_out' })).rejects.toMatchObject({
    code: 'instance_not_connected',
  });
});
