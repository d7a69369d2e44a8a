import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import type { HostedProject } from '../support/hosted/hosted-project.js';
import { SocketClient } from '../support/socket-client.js';
import { startTestService, type TestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';
const OWNER = '5511999887766';
/** What the process does by itself, whether or not anything is received. */
const BY_ITSELF = /^POST rpc\/(node_tick|apply_|sweep_|give_up_)/;
const TURNS = 5;

let simulator: WhatsAppSimulator;
let service: TestService;
let project: HostedProject;
let socket: SocketClient;
let owner: Phone;
let client: Phone;
let instanceId: string;
let sent = 0;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator, {}, 'hosted');
  project = service.project!;
  instanceId = await service.api.createInstance(ORGANIZATION, OWNER);
  socket = await SocketClient.join(service.url, ORGANIZATION);
  owner = simulator.addPhone({ number: OWNER, name: 'Owner' });
  await owner.types(await service.api.pairingCode(instanceId));
  await socket.waitFor('whatsapp:connected', 1);
  client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  // The first ones settle the Signal session, and tell the process whose messages are the organization's own.
  for (let turn = 0; turn < 4; turn++) {
    await receive();
  }
});
afterAll(async () => {
  socket?.close();
  await service?.stop();
  await simulator?.stop();
});

/** A client writes. Ends when WhatsApp has the acknowledgement, and the frontend the event. */
async function receive(text = `message ${sent}`): Promise<void> {
  const id = `3EB0${String(sent).padStart(16, '0')}`;
  sent += 1;
  const acknowledged = simulator.next('message.acknowledged', (message) => message.id === id, 30_000);
  const told = socket.waitFor('whatsapp:message', sent);
  await client.writes(owner, text, { id });
  await Promise.all([acknowledged, told]);
}

/** @returns the calls of the database from the phone's sending until WhatsApp and the frontend know */
async function callsOfOne(): Promise<string[]> {
  const before = project.counters.calls.length;
  await receive();
  return project.counters.calls
    .slice(before)
    .map(({ name }) => name)
    .filter((name) => !BY_ITSELF.test(name));
}

describe('a received message alone', () => {
  it('costs one call of the database until WhatsApp has its receipt and the frontend its event', async () => {
    const all: string[][] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      all.push(await callsOfOne());
    }

    // Now and then something else is being stored already.
    expect(all.toSorted((a, b) => a.length - b.length)[0]).toEqual(['POST rpc/commit_and_ingest']);
    expect(all.flat().filter((name) => /claim_inbox|ingest_inbox/.test(name))).toEqual([]);
  });

  it('arrives all the same where the database refuses to route it, and so does what comes after', async () => {
    const database = service.service.app.get<OpenDatabase>(OPEN_DATABASE);
    await database.sql(`alter table public.messages add constraint refused check (content <> 'poison')`);
    const events = () => socket.payloads('whatsapp:message').map(({ text }) => text);
    const known = events().length;
    const before = project.counters.calls.length;
    await client.writes(owner, 'poison');
    await client.writes(owner, 'after it');
    await socket.waitFor('whatsapp:message', known + 1);

    expect(events().slice(known)).toEqual(['after it']);
    sent = known + 1;
    const { rows } = await database.sql('select outcome, error from inbox where state <> 1');
    expect(rows).toEqual([{ outcome: 'dead', error: 'refused_by_database' }]);
    const claims = () =>
      project.counters.calls.slice(before).filter(({ name }) => name.endsWith('claim_inbox')).length;
    expect(claims()).toBeGreaterThan(0);

    // Once the table is empty, one call is enough again.
    await expect.poll(callsOfOne, { timeout: 20_000 }).toEqual(['POST rpc/commit_and_ingest']);
  });
});
