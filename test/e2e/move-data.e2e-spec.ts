import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, makeServiceHome, runToExit, type ServiceHome } from '../support/built-service.js';
import { listen } from '../support/event-collector.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';

const ORGANIZATION = 'org_123';
/** Ends of the command: after so many tables of that run, which goes on where the one before was ended. */
const KILLED_AFTER = [0, 2, 4, 5, 6];
const MESSAGES = 8;
const key = randomBytes(32).toString('base64');

let simulator: WhatsAppSimulator;
let home: ServiceHome;
let postgres: TestPostgres;
let service: BuiltService | undefined;
let owner: Phone;
let ana: Phone;
let instanceId: string;

async function start(more: Record<string, string> = {}): Promise<BuiltService> {
  service = await BuiltService.start(home, {
    NODE_ENV: 'test',
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
    SESSION_ENCRYPTION_KEY: key,
    ...more,
  });
  return service;
}

async function received(): Promise<string[]> {
  const path = `/api/messages?organization_id=${ORGANIZATION}&direction=inbound&limit=100`;
  const { body } = await service!.api.call<{ messages: { content: string }[] }>('GET', path);
  return body.messages.map(({ content }) => content).toSorted();
}

const send = (message: string) =>
  service!.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, { to: ana.number, message });

/** The command, killed as soon as it has copied more tables than that. */
function move(tables: number): Promise<{ code: number | null; output: string }> {
  const environment = {
    NODE_ENV: 'test',
    DATA_DIR: home.dataDir,
    LOG_FILE: home.logFile,
    SESSION_ENCRYPTION_KEY: key,
  };
  return runToExit('admin-cli.js', environment, ['move-data', '--to', postgres.url], (child) => {
    let said = '';
    child.stderr!.on('data', (chunk: string) => {
      said += chunk;
      if ((said.match(/, done$/gm)?.length ?? 0) > tables) {
        child.kill('SIGKILL');
      }
    });
  });
}

beforeAll(async () => {
  [simulator, home, postgres] = await Promise.all([
    WhatsAppSimulator.start({}),
    makeServiceHome(),
    startTestPostgres(undefined),
  ]);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988880001', name: 'Ana' });
  const { api, url } = await start();
  instanceId = await api.createInstance(ORGANIZATION, owner.number);
  const events = await listen(url, ORGANIZATION);
  await owner.types(await api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  events.close();
});

afterAll(async () => {
  await service?.stop('SIGKILL');
  await simulator?.stop();
  await postgres?.stop();
  await home?.remove();
});

it('moves a linked number to Postgres, whatever ends the command meanwhile', async () => {
  const texts = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`);
  for (const text of texts) {
    await (await ana.writes(owner, text)).acknowledged();
  }
  await expect.poll(received).toEqual(texts);
  expect(await send('hello')).toMatchObject({ status: 200 });

  expect(await move(Infinity)).toMatchObject({ code: 1, output: expect.stringMatching(/in use by process/) });
  await service!.stop();
  const waiting = await ana.writes(owner, 'meanwhile');
  for (const tables of KILLED_AFTER) {
    expect(await move(tables)).toMatchObject({ code: null });
  }
  await expect(start({ DATABASE_URL: postgres.url })).rejects.toThrow(/are not all in this database yet/);
  const last = await move(Infinity);
  expect(last).toMatchObject({ code: 0, output: expect.stringMatching(/no number has to be linked again/) });
  await expect(start()).rejects.toThrow(/The data of this database were moved to/);

  await start({ DATABASE_URL: postgres.url });

  await waiting.acknowledged();
  await expect.poll(received).toEqual(['meanwhile', ...texts]);
  const answer = await send('from the new home');
  expect(answer).toMatchObject({ status: 200 });
  await expect.poll(() => ana.received.map(({ text }) => text)).toEqual(['hello', 'from the new home']);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const counts = await client.query(
    `select (select count(*)::int from messages where direction = 'inbound') as inbound,
       (select count(*)::int from contacts) as contacts, (select count(*)::int from bookings) as bookings,
       (select count(*)::int from audit_log where action like '%move-data' and outcome = 'done') as noted`,
  );
  await client.end();
  expect(counts.rows).toEqual([{ inbound: MESSAGES + 1, contacts: 1, bookings: 1, noted: 1 }]);
});
