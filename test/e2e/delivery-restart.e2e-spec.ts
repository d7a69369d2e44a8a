import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { voiceNote } from '../../src/simulator/media-host/samples.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_delivery';
const PATIENCE = { timeout: 30_000 };
const STEPS = ['sent', 'delivered', 'read', 'played'] as const;

interface Sent {
  message_id: string;
  whatsapp_message_id: string;
}
interface Message {
  status: string;
  status_at: Record<(typeof STEPS)[number], string | null>;
}

let folder: string;
let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let ana: Phone;
let instanceId: string;
let voice: Sent;
let others: Sent[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-delivery-'));
  simulator = await WhatsAppSimulator.start({});
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988880001', name: 'Ana' });
  await start();
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  const form = new FormData();
  form.append('to', ana.number);
  form.append('type', 'voice');
  form.append('file', new Blob([new Uint8Array(voiceNote(2))]), 'voice.ogg');
  voice = await send(form);
  others = [
    await send({ to: ana.number, message: 'hello' }),
    await send({ to: ana.number, location: { latitude: 1, longitude: 2 } }),
    await send({ to: ana.number, poll: { question: 'When?', options: ['mon', 'tue'] } }),
  ];
});
afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  service = await startTestService(simulator, { DATA_DIR: folder });
  events = await listen(service.url, ORGANIZATION);
}

async function restart(): Promise<void> {
  events.close();
  await service.stop();
  const back = simulator.next('device.connected');
  await start();
  await back;
}

async function send(body: FormData | object): Promise<Sent> {
  const isForm = body instanceof FormData;
  const response = await fetch(`${service.url}/api/whatsapp/instances/${instanceId}/send`, {
    method: 'POST',
    body: isForm ? body : JSON.stringify(body),
    ...(!isForm && { headers: { 'content-type': 'application/json' } }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Sent;
}

async function storedMessage(): Promise<Message> {
  const path = `/api/messages/${voice.message_id}`;
  return (await service.api.call<{ message: Message }>('GET', path)).body.message;
}

const heard = () =>
  events
    .all('whatsapp:message-status')
    .filter(({ id }) => id === voice.message_id)
    .map(({ status }) => status);

describe('what was sent before a restart', () => {
  it('is told to be sent, delivered, read and played, in order, live and when it is read', async () => {
    const received = await ana.receives(({ id }) => id === voice.whatsapp_message_id);
    await expect.poll(heard, PATIENCE).toEqual(['sent', 'delivered']);
    ana.reads(received);
    await expect.poll(heard, PATIENCE).toEqual(['sent', 'delivered', 'read']);

    await restart();
    expect(await storedMessage()).toMatchObject({ status: 'read' });
    ana.plays(received);

    await expect.poll(heard, PATIENCE).toEqual(['played']);
    const { status, status_at: times } = await storedMessage();
    expect(status).toBe('played');
    const inOrder = STEPS.map((step) => times[step]!);
    expect(inOrder).not.toContain(null);
    expect(inOrder).toEqual(inOrder.toSorted());
    const { body } = await service.api.call<{ events: { name: string; payload: Record<string, unknown> }[] }>(
      'GET',
      `/api/events?organization_id=${ORGANIZATION}&after=0&limit=100`,
    );
    const stored = body.events.filter(
      ({ name, payload }) => name === 'whatsapp:message-status' && payload['id'] === voice.message_id,
    );
    expect(stored.map(({ payload }) => payload['status'])).toEqual([...STEPS]);
  });

  it('goes once more to whom it was sent, whatever it is, and to nobody else', async () => {
    const eve = simulator.addPhone({ number: '5511988880002', name: 'Eve' });
    const sent = [voice, ...others].map(({ whatsapp_message_id: id }) => id);
    const copies = (phone: Phone) =>
      simulator.ledger.received.filter(
        ({ id, phone: number }) => number === phone.number && sent.includes(id),
      );
    expect(copies(ana)).toHaveLength(sent.length);

    for (const id of sent) {
      eve.asksAgain(owner, id);
      ana.asksAgain(owner, id);
    }

    await expect
      .poll(
        () =>
          copies(ana)
            .map(({ id }) => id)
            .toSorted(),
        PATIENCE,
      )
      .toEqual([...sent, ...sent].toSorted());
    expect(copies(ana).filter(({ error }) => error !== undefined)).toEqual([]);
    expect(copies(eve)).toEqual([]);
  });
});
