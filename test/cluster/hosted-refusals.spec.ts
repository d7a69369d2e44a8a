import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type MigratedProject, startMigratedProject } from '../support/hosted/migrated-project.js';

const ORGANIZATION = 'clinic';
const NUMBERS = 8;
/** Rounds of a message to each number end when so many requests were refused. */
const REFUSALS = 30;
const MOST_ROUNDS = 400;

let simulator: WhatsAppSimulator;
let made: MigratedProject;
let home: ServiceHome;
let service: BuiltService;
let events: EventCollector;
let owners: Phone[];
let ids: string[];

beforeAll(async () => {
  [simulator, made, home] = await Promise.all([
    WhatsAppSimulator.start({}),
    startMigratedProject(inject('testDatabaseUrl'), { roundTripMs: 20, seed: 11 }),
    makeServiceHome(),
  ]);
  service = await BuiltService.start(home, {
    NODE_ENV: 'test',
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
    ...made.project.environment,
  });
  events = await listen(service.url, ORGANIZATION);
  owners = Array.from({ length: NUMBERS }, (_, index) =>
    simulator.addPhone({ number: `551199988${String(1000 + index)}`, name: `Owner ${index}` }),
  );
  ids = await Promise.all(owners.map((owner) => service.api.createInstance(ORGANIZATION, owner.number)));
  for (const [index, owner] of owners.entries()) {
    const bootstrapped = simulator.next('device.bootstrapped', ({ phone }) => phone === owner.number, 60_000);
    await owner.types(await service.api.pairingCode(ids[index]!));
    await bootstrapped;
  }
});

afterAll(async () => {
  events?.close();
  await service?.stop('SIGKILL');
  await simulator?.stop();
  await home?.remove();
  await made?.close();
});

/** What is stored of an instance, in order. */
async function stored(instanceId: string): Promise<string[]> {
  const { rows } = await made.query(
    `select content from messages where instance_id = '${instanceId}' and direction = 'inbound' order by ordinal`,
  );
  return rows.map(({ content }) => String(content));
}

async function statuses(): Promise<Record<string, number>> {
  const { rows } = await made.query('select status, count(*)::int as n from whatsapp_instances group by 1');
  return Object.fromEntries(rows.map(({ status, n }) => [String(status), Number(n)]));
}

describe('a hosted project whose gateway refuses one request in twenty for a while', () => {
  it('costs no number its line, and loses nothing', async () => {
    const logins: string[] = [];
    const { promise: lineLost, resolve: loseLine } = Promise.withResolvers<void>();
    simulator.on('device.connected', ({ phone }) => {
      logins.push(phone);
      loseLine();
    });
    const ana = simulator.addPhone({ number: '5521988776655', name: 'Ana' });
    // Of the gateway, of Cloudflare, and of PostgREST about the way to the database: none is about the request.
    const refusals = made.project.faults.add({
      kinds: [
        'jwt-401',
        'empty-401',
        'key-401',
        'quota-402',
        'html-403',
        'html-404',
        'empty-404',
        'list-404',
        'cache-404',
        'rate-429',
        'html-502',
        'empty-200',
        'null-200',
        'empty-204',
      ],
      probability: 0.05,
    });
    const sent: SentMessage[] = [];
    let acknowledged = 0;
    let rounds = 0;
    while (refusals.hits < REFUSALS && rounds < MOST_ROUNDS && logins.length === 0) {
      rounds += 1;
      const round = await Promise.all(owners.map((owner) => ana.writes(owner, `message ${rounds}`)));
      sent.push(...round);
      const each = round.map((message) =>
        message.acknowledged(120_000).then(
          () => (acknowledged += 1),
          () => undefined,
        ),
      );
      await Promise.race([Promise.all(each), lineLost]);
    }
    refusals.remove();

    expect(logins, 'lines that were given up and dialled again').toEqual([]);
    await expect.poll(() => acknowledged).toBe(sent.length);
    expect(refusals.hits).toBeGreaterThan(9);
    expect(await statuses()).toEqual({ connected: NUMBERS });
    expect(events.all('whatsapp:disconnected')).toEqual([]);
    const texts = Array.from({ length: rounds }, (_, index) => `message ${index + 1}`);
    for (const id of ids) {
      await expect.poll(() => stored(id)).toEqual(texts);
    }
    expect(logins).toEqual([]);
  });
});
