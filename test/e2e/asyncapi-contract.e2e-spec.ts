import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { AsyncApiContract } from '../support/asyncapi-contract.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { EventStreamClient } from '../support/event-stream-client.js';
import { SocketClient } from '../support/socket-client.js';
import { type TestService, startTestService } from '../support/test-service.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const ORGANIZATION = 'org_123';

interface ListedEvent {
  sequence: number;
  name: string;
  payload: Record<string, unknown>;
}

let contract: AsyncApiContract;
let simulator: WhatsAppSimulator;
let service: TestService;
let receiver: WebhookReceiver;
let webhookId: string;
let events: EventCollector;
/** Hears everything, with what `listen` does not show. */
let socket: SocketClient;
let owner: Phone;
let ana: Phone;
let instanceId: string;
let isStopped = false;

beforeAll(async () => {
  contract = new AsyncApiContract();
  simulator = await WhatsAppSimulator.start({});
  receiver = await WebhookReceiver.start();
  service = await startTestService(simulator, { OUTSIDE_URLS_ALLOW: '127.0.0.1' });
  events = await listen(service.url, ORGANIZATION);
  socket = await SocketClient.join(service.url, ORGANIZATION);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  const { webhook } = await call<{ webhook: { id: string } }>('POST', '/api/webhooks', {
    organization_id: ORGANIZATION,
    url: receiver.url('/hook'),
  });
  webhookId = webhook.id;
});
afterAll(async () => {
  socket?.close();
  events?.close();
  await (isStopped ? undefined : service?.stop());
  await receiver?.kill();
  await simulator?.stop();
});

async function call<Body = object>(method: string, path: string, body?: object): Promise<Body> {
  const answer = await service.api.call<Body>(method, path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

const listed = async (): Promise<ListedEvent[]> =>
  (await call<{ events: ListedEvent[] }>('GET', `/api/events?organization_id=${ORGANIZATION}&limit=500`))
    .events;

describe('everything that the service tells', () => {
  it('is caused: linking, and what WhatsApp says of the account', async () => {
    const other = await service.api.createInstance(ORGANIZATION);
    await call('POST', `/api/whatsapp/instances/${other}/connect`, { method: 'qr' });
    await events.next('whatsapp:qr');
    instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
    await owner.types(await service.api.pairingCode(instanceId));
    await events.next('whatsapp:pairing-code');
    await events.next('whatsapp:connected');
    simulator.restrict(owner, { reason: 'DEFAULT', until: new Date(Date.now() + 3_600_000) });

    expect(await events.next('whatsapp:restricted')).toMatchObject({ instanceId });
  });

  it('is caused: what a client does', async () => {
    const first = await ana.writes(owner, 'first');
    const { contactId } = await events.next('whatsapp:message');
    await ana.writes(owner, 'an answer', { quotes: first } as never);
    await ana.writes(owner, { image: { caption: 'look' } });
    await events.next('whatsapp:media', ({ state }) => state === 'ready');
    await ana.reacts(owner, '👍', first);
    await events.next('whatsapp:reaction');
    await ana.writes(owner, { pin: first });
    await events.next('whatsapp:message-updated');
    await ana.writes(owner, { edit: first, text: 'second' });
    await events.next('whatsapp:message-edited');
    await ana.writes(owner, { revoke: first });
    await events.next('whatsapp:message-deleted');
    await call('POST', `/api/whatsapp/instances/${instanceId}/presence`, { to: ana.number });
    ana.typing(owner);
    await events.next('whatsapp:presence', ({ presence }) => presence === 'composing');
    const colleague = await SocketClient.join(service.url, ORGANIZATION);
    await colleague.call('show-activity', ORGANIZATION, { contactId, activity: 'writing' });
    await events.next('whatsapp:activity');
    colleague.close();
    await call('PATCH', `/api/contacts/${contactId}`, { organization_id: ORGANIZATION, name: 'Ana Maria' });
    await events.next('whatsapp:contact');
    const { bookings } = await call<{ bookings: { id: string }[] }>(
      'GET',
      `/api/bookings?organization_id=${ORGANIZATION}`,
    );
    await call('PATCH', `/api/bookings/${bookings[0]!.id}`, {
      organization_id: ORGANIZATION,
      status: 'confirmed',
    });

    expect(await events.next('whatsapp:booking')).toMatchObject({ contactId, status: 'confirmed' });
  });

  it('is caused: what is written to her, and in a group', async () => {
    await call('POST', `/api/whatsapp/instances/${instanceId}/send`, { to: ana.number, message: 'hello' });
    await events.next('whatsapp:message-sent');
    await events.next('whatsapp:message-status');
    await owner.writes(ana, 'from the phone');
    await events.next('whatsapp:note');
    await call('PATCH', `/api/whatsapp/instances/${instanceId}`, { groups: 'store' });
    const group = simulator.addGroup('Neighbours', [owner, ana]);
    await ana.writes(group.id, 'to all');
    await events.next('whatsapp:group-message');
    await events.next('whatsapp:group');
    owner.unlinks();

    const ended = await events.next('whatsapp:disconnected', (event) => event.instanceId === instanceId);
    expect(ended.reason).toBe('logged_out');
  });

  it('by Socket.IO is as documented', async () => {
    await socket.waitFor('whatsapp:disconnected');
    const faults = socket.events.flatMap(({ name, payload }) => contract.faultsOf('socket', name, payload));

    expect(faults).toEqual([]);
  });

  it('by GET /api/events is as documented', async () => {
    const faults = (await listed()).flatMap((event) => contract.faultsOf('list', event.name, event));

    expect(faults).toEqual([]);
  });

  it('by server-sent events is as documented', async () => {
    const { length } = await listed();
    const stream = await EventStreamClient.open(
      `${service.url}/api/events/stream?organization_id=${ORGANIZATION}&after=0`,
    );
    await stream.until(() => stream.events.length >= length);
    stream.close();

    expect(stream.events.length).toBe(length);
    const faults = stream.events.flatMap(({ event, data }) =>
      contract.faultsOf('stream', event, JSON.parse(data) as unknown),
    );
    expect(faults).toEqual([]);
  });

  it('by webhook is as documented', async () => {
    await call('POST', `/api/webhooks/${webhookId}/test`);
    const calls = await receiver.until('/hook', (await listed()).length + 1);

    const faults = calls.flatMap(({ body, headers }) => {
      const { 'content-type': type, 'user-agent': agent, ...others } = headers;
      const own = Object.entries(others).filter(([name]) => name.startsWith('webhook-'));
      const said = { 'content-type': type, 'user-agent': agent, ...Object.fromEntries(own) };
      return contract.faultsOf('webhook', body.type, body, said);
    });
    expect(faults).toEqual([]);
  });

  it('to what a client sends is as documented', async () => {
    const answers: [name: string, answer: unknown][] = [
      ['join-organization.answer', await socket.call('join-organization', ORGANIZATION)],
      ['join-organization.answer', await socket.call('join-organization', ORGANIZATION, { after: 0 })],
      [
        'show-activity.answer',
        await socket.call('show-activity', ORGANIZATION, { contactId: randomUUID(), activity: 'reading' }),
      ],
      ['leave-organization.answer', await socket.call('leave-organization', ORGANIZATION)],
      ['refusal.answer', await socket.call('join-organization', ORGANIZATION, { after: -1 })],
      ['refusal.answer', await socket.call('leave-organization', '../')],
      ['join-organization', [ORGANIZATION, { after: 0 }]],
      ['leave-organization', [ORGANIZATION]],
      ['show-activity', [ORGANIZATION, { contactId: randomUUID(), activity: 'left' }]],
    ];
    socket.socket.emit('no-such-event');
    const [exception] = await socket.waitFor('exception');

    const faults = answers.flatMap(([name, answer]) => contract.faultsOf('socket', name, answer));
    expect([...faults, ...contract.faultsOf('socket', 'exception', exception)]).toEqual([]);
  });

  it('of somebody who was erased is as documented', async () => {
    const { contacts } = await call<{ contacts: { id: string }[] }>(
      'GET',
      `/api/contacts?organization_id=${ORGANIZATION}`,
    );
    await call('DELETE', `/api/contacts/${contacts[0]!.id}?organization_id=${ORGANIZATION}`);
    const left = await listed();

    expect(left.filter(({ payload }) => payload['erased'] === true).length).toBeGreaterThan(5);
    expect(left.flatMap((event) => contract.faultsOf('list', event.name, event))).toEqual([]);
  });

  it('ends a stream as documented, where it does', async () => {
    const stream = await EventStreamClient.open(
      `${service.url}/api/events/stream?organization_id=${ORGANIZATION}`,
    );
    isStopped = true;
    const stopped = service.stop();
    await stream.ended();
    await stopped;
    const [last] = stream.events.slice(-1);

    expect(contract.faultsOf('stream', last!.event, JSON.parse(last!.data) as unknown)).toEqual([]);
  });

  it('is everything that is documented', () => {
    expect(contract.untold()).toEqual([]);
  });
});
