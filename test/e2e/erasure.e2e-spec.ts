import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { findInEveryTable } from '../support/find-in-tables.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';
const OWNER = '5511999887766';

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let ana: Phone;
let instanceId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator, { LEASE_SECONDS: '5' });
  events = await listen(service.url, ORGANIZATION);
  owner = simulator.addPhone({ number: OWNER, name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988880001', name: 'canary-ana' });
  instanceId = await service.api.createInstance(ORGANIZATION, OWNER);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
});
afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

async function writes(text: string): Promise<string> {
  await ana.writes(owner, text);
  return (await events.next('whatsapp:message', (event) => event.text === text)).contactId!;
}

/** Writes and is answered, so that there is something of every kind. */
async function talks(text: string): Promise<string> {
  const contactId = await writes(`canary-${text}`);
  const answer = await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
    to: ana.number,
    message: `canary-answer to ${text}`,
  });
  expect(answer.status).toBe(200);
  await ana.receives((message) => message.text === `canary-answer to ${text}`);
  return contactId;
}

describe('a person who is erased while the number is on line', () => {
  it('leaves no trace in any table, and is a new contact when writing again', async () => {
    const database = service.service.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
    const first = await talks('hello');
    expect((await findInEveryTable(database, 'canary')).length).toBeGreaterThan(2);

    const erased = await service.api.call('DELETE', `/api/contacts/${first}?organization_id=${ORGANIZATION}`);

    expect(erased).toMatchObject({
      status: 200,
      body: { receipt: { counts: { contacts: 1, messages: 2 } } },
    });
    for (const trace of ['canary', ana.number, ana.lid]) {
      expect(await findInEveryTable(database, trace)).toEqual([]);
    }

    const second = await talks('me again');

    expect(second).not.toBe(first);
  });

  it('is understood, too, once nothing remembers the keys which were erased', async () => {
    const database = service.service.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
    const contactId = await talks('before the restart');
    await service.api.call('DELETE', `/api/contacts/${contactId}?organization_id=${ORGANIZATION}`);
    expect(await findInEveryTable(database, ana.number)).toEqual([]);

    const online = events.all('whatsapp:connected').length;
    await database.sql(
      `update whatsapp_instances
         set lease_epoch = lease_epoch + 1, lease_owner = 'gone', lease_expires_at = now() - interval '1 hour'`,
    );
    await events.count('whatsapp:connected', online + 1);
    const again = await writes('after the restart');

    expect(again).not.toBe(contactId);
  });
});
