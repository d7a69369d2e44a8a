import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { openDatabase } from '../../src/supabase/open-database.js';
import { BuiltService, makeServiceHome, runToExit, type ServiceHome } from '../support/built-service.js';
import { listen } from '../support/event-collector.js';
import { runsHere } from '../support/not-hosted.js';
import { storeSealed } from '../support/seal-values.js';
import { sealedUnder } from '../support/sealed-under.js';

const ORGANIZATION = 'org_123';
const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const named = (...keys: Buffer[]) => ({
  SESSION_ENCRYPTION_KEY: keys.map((key) => key.toString('base64')).join(','),
});

let simulator: WhatsAppSimulator;
let home: ServiceHome;
let owner: Phone;
let ana: Phone;
let service: BuiltService;
let instanceId: string;
const texts: string[] = [];

const start = async (...keys: Buffer[]) => {
  service = await BuiltService.start(home, {
    NODE_ENV: 'test',
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
    ...named(...keys),
  });
};

async function newest(): Promise<string | undefined> {
  const path = `/api/messages?organization_id=${ORGANIZATION}&direction=inbound&limit=1`;
  const { body } = await service.api.call<{ messages: { content: string }[] }>('GET', path);
  return body.messages[0]?.content;
}

async function write(text: string): Promise<void> {
  texts.push(text);
  await (await ana.writes(owner, text)).acknowledged();
}

async function arrived(): Promise<void> {
  await expect.poll(newest).toBe(texts.at(-1));
}

/** Opens the database of a service that does not run. */
async function offline(
  work: (sql: (text: string, params?: string[]) => Promise<Record<string, unknown>[]>) => Promise<void>,
): Promise<void> {
  const database = await openDatabase({ store: { kind: 'embedded', dataDir: home.dataDir } });
  try {
    await work(async (text, params) => (await database.sql(text, params)).rows);
  } finally {
    await database.close();
  }
}

beforeAll(async () => {
  [simulator, home] = await Promise.all([WhatsAppSimulator.start({}), makeServiceHome()]);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988880001', name: 'Ana' });
  await start(oldKey);
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  const events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  events.close();
});

afterAll(async () => {
  await service.stop('SIGKILL');
  await simulator.stop();
  await home.remove();
});

it.runIf(runsHere('key-rotation-embedded'))(
  'takes over in the embedded database while the service runs, and the old key opens nothing',
  async () => {
    await service.stop();
    // Too large for one statement over the socket.
    const bodies = ['a', 'b', 'c'].map((letter) => letter.repeat(2.2e6));
    await offline((sql) => storeSealed(sql, oldKey, { instanceId, keys: 1_000, bodies }));
    await start(newKey, oldKey);
    const ended: number[] = [];
    simulator.on('connection.ended', ({ connection }) => ended.push(connection));

    let isOver = false;
    const rotation = runToExit(
      'admin-cli.js',
      { NODE_ENV: 'test', DATA_DIR: home.dataDir, ...named(newKey, oldKey) },
      ['rotate-keys'],
    ).finally(() => (isOver = true));
    while (!isOver) {
      await write(`message ${texts.length}`);
    }
    const { code, output } = await rotation;

    expect(code, output).toBe(0);
    expect(output).toContain('SESSION_ENCRYPTION_KEY may name the first key alone now');
    expect(ended).toEqual([]);
    await arrived();
    await service.stop();
    await offline(async (sql) => expect(await sealedUnder(sql, oldKey)).toEqual({}));
    await start(newKey);
    await write('with the new key alone');
    await arrived();
    await service.stop();
    expect(owner.devices).toHaveLength(1);
    await offline(async (sql) =>
      expect(await sql(`select content from messages where direction = 'inbound' order by ordinal`)).toEqual(
        texts.map((content) => ({ content })),
      ),
    );
  },
);
