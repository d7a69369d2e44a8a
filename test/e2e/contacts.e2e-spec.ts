import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let ana: Phone;
let contactId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5521988776655', name: 'Ana' });
  const instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  contactId = await heardOf('hello');
});

afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

/** @returns the contact that ana's message is of */
async function heardOf(text: string): Promise<string> {
  const { id } = await ana.writes(owner, text);
  return (await events.next('whatsapp:message', ({ messageId }) => messageId === id)).contactId!;
}

const rename = (name: unknown, id = contactId) =>
  service.api.call<{ contact: { name: string; name_source: string }; code?: string }>(
    'PATCH',
    `/api/contacts/${id}`,
    { organization_id: ORGANIZATION, name },
  );

const nameNow = async () => {
  const { body } = await service.api.call<{ contact: { name: string; name_source: string } }>(
    'GET',
    `/api/contacts/${contactId}?organization_id=${ORGANIZATION}`,
  );
  return [body.contact.name, body.contact.name_source];
};

it('a name that somebody gave stays, is told, and can be taken away', async () => {
  const { status, body } = await rename('Ana from the corner');

  expect(status).toBe(200);
  expect(body.contact).toMatchObject({ id: contactId, name: 'Ana from the corner', name_source: 'person' });
  const told = await events.next('whatsapp:contact', ({ change }) => change === 'renamed');
  expect(told).toMatchObject({ contactId, instanceId: expect.any(String) });
  expect(await heardOf('again')).toBe(contactId);
  expect(await nameNow()).toEqual(['Ana from the corner', 'person']);

  await rename(null);
  expect(await heardOf('and again')).toBe(contactId);
  expect(await nameNow()).toEqual(['Ana', 'push']);

  // Nothing changes, so nothing is told.
  await rename(null);
  expect(events.all('whatsapp:contact').filter(({ change }) => change === 'renamed')).toHaveLength(2);
});

it.each([
  ['nothing', undefined, 400],
  ['an empty name', ' ', 400],
  ['a name too long', 'x'.repeat(201), 400],
  ['a name of two lines', 'a\nb', 400],
  ['a number', 7, 400],
])('%s is refused', async (_name, name, status) => {
  expect(await rename(name)).toMatchObject({ status, body: { code: 'validation_failed' } });
});

it('a contact that is not there can not be named', async () => {
  expect(await rename('x', randomUUID())).toMatchObject({ status: 404, body: { code: 'contact_not_found' } });
});
