import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { SessionsHarness } from '../support/sessions-harness.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_restricted';

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let instanceId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  events = await listen(service.url, ORGANIZATION);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
});
afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

async function restriction(): Promise<unknown> {
  const { body } = await service.api.call<{ instance: { restriction: unknown } }>(
    'GET',
    `/api/whatsapp/instances/${instanceId}`,
  );
  return body.instance.restriction;
}

async function restrictedNumbers(): Promise<number> {
  const { body } = await service.api.call<{ checks: { sessions: { restricted: number } } }>(
    'GET',
    '/health/ready',
  );
  return body.checks.sessions.restricted;
}

const told = () => events.all('whatsapp:restricted');

describe('an account that WhatsApp limits', () => {
  const until = new Date(Math.ceil(Date.now() / 1000 + 3600) * 1000);

  it('shows it, and tells when it begins and when it changes', async () => {
    simulator.restrict(owner, { reason: 'BIZ_QUALITY', until });

    await expect.poll(told).toHaveLength(1);
    const shown = { kind: 'new_chats', reason: 'biz_quality', until: until.toISOString() };
    expect(told()[0]).toEqual({
      instanceId,
      ...shown,
      timestamp: expect.any(String),
      sequence: expect.any(Number),
    });
    expect(await restriction()).toEqual(shown);
    expect(await restrictedNumbers()).toBe(1);

    simulator.restrict(owner, { reason: 'DEFAULT', until });
    await expect.poll(told).toHaveLength(2);
    expect(told()[1]).toMatchObject({ kind: 'new_chats', reason: 'default' });
  });

  it('tells nothing twice', async () => {
    simulator.restrict(owner, { reason: 'DEFAULT', until });
    simulator.restrict(owner, { reason: 'WEB_COMPANION_ONLY', until });

    await expect.poll(() => told().at(-1)?.reason).toBe('web_companion_only');
    expect(told()).toHaveLength(3);
  });

  it('learns that it is over when it comes on line again', async () => {
    simulator.restrict(owner, undefined, false);
    simulator.faults.dropConnection(owner);

    await expect.poll(() => told().at(-1)?.kind, { timeout: 20_000 }).toBe('none');
    expect(await restriction()).toBeNull();
    expect(await restrictedNumbers()).toBe(0);
  });

  it('asks when a message to a stranger is refused', async () => {
    const [stranger, client] = ['5511988880001', '5511988880002'].map((number) =>
      simulator.addPhone({ number, name: 'Ana' }),
    );
    await (await client!.writes(owner, 'hello')).acknowledged();
    await events.next('whatsapp:message');
    simulator.restrict(owner, { reason: 'DEFAULT' }, false);
    const send = (to: string) =>
      service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, { to, message: 'hello' });

    expect(await send(stranger!.number)).toMatchObject({
      status: 422,
      body: { code: 'whatsapp_contact_restricted' },
    });
    await expect.poll(() => told().at(-1)?.kind).toBe('new_chats');
    expect(await restriction()).toEqual({ kind: 'new_chats', reason: 'default', until: null });
    expect(await send(client!.number)).toMatchObject({ status: 200 });
  });

  it('asks again when it ought to be over', async () => {
    simulator.restrict(owner, { reason: 'DEFAULT', until: new Date(Date.now() + 1_000) });
    await expect.poll(() => told().at(-1)?.until).toBeDefined();
    simulator.restrict(owner, undefined, false);

    await expect.poll(() => told().at(-1)?.kind, { timeout: 10_000 }).toBe('none');
  });
});

it('an account that was limited before a restart is asked for after it', async () => {
  const harness = await SessionsHarness.start();
  try {
    const phone = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
    await harness.linked(phone);
    const kinds = () =>
      harness.events.flatMap((event) => (event.name === 'whatsapp:restricted' ? [event.payload.kind] : []));
    harness.sim.restrict(phone, { reason: 'DEFAULT', until: new Date(Date.now() + 3_600_000) });
    await expect.poll(kinds).toEqual(['new_chats']);
    harness.sim.restrict(phone, undefined, false);

    await harness.restart();

    await expect.poll(kinds, { timeout: 30_000 }).toEqual(['new_chats', 'none']);
  } finally {
    await harness.stop();
  }
});
