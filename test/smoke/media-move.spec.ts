import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, runToExit, type ServiceHome } from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';
import { blocksOf, firstLineOf } from '../support/doc-snippets.js';
import { listen } from '../support/event-collector.js';
import { S3Server } from '../support/s3-server.js';

const ORGANIZATION = 'org_123';
const BYTES = Buffer.from('%PDF-1.7\n%âãÏÓ\nthe menu\n');

let simulator: WhatsAppSimulator;
let home: ServiceHome;
let server: S3Server;
let service: BuiltService | undefined;
let owner: Phone;
let client: Phone;

beforeAll(async () => {
  [simulator, home, server] = await Promise.all([
    WhatsAppSimulator.start({}),
    makeMigratedHome(),
    S3Server.start(),
  ]);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
});
afterAll(async () => {
  await service?.stop('SIGKILL');
  await server?.stop();
  await simulator?.stop();
  await home?.remove();
});

async function start(environment: Record<string, string> = {}): Promise<BuiltService> {
  await service?.stop();
  service = await BuiltService.start(home, {
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
    ...environment,
  });
  return service;
}

/** @returns the id of the message once its file is there */
async function receive({ url }: BuiltService, fileName: string): Promise<string> {
  const events = await listen(url, ORGANIZATION);
  const { id: sent } = await client.writes(owner, { document: { file: BYTES, fileName } });
  const { id } = await events.next('whatsapp:media', ({ messageId }) => messageId === sent);
  events.close();
  return id;
}

async function read({ url }: BuiltService, id: string): Promise<[number, Buffer]> {
  const answer = await fetch(`${url}/api/messages/${id}/media`);
  return [answer.status, Buffer.from(await answer.arrayBuffer())];
}

/** The statement of the documentation, which stands after the copy. */
function documentedUpdate(): string {
  const block = blocksOf(['docs/operations.md']).find((one) => firstLineOf(one).startsWith('aws s3 sync'));
  return /npm run sql -- "(.*)"/.exec(block!.text)![1]!;
}

it('files go on to be given while they are moved to a bucket, and after their folder is gone', async () => {
  const before = await start();
  const instanceId = await before.api.createInstance(ORGANIZATION, owner.number);
  const events = await listen(before.url, ORGANIZATION);
  await owner.types(await before.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  events.close();
  const old = await receive(before, 'old.pdf');

  const after = await start(server.environment);
  expect(await read(after, old)).toEqual([200, BYTES]);

  const folder = join(home.dataDir, 'media', 'files');
  await server.sync(folder);
  const { code, output } = await runToExit('supabase/sql-cli.js', { DATA_DIR: home.dataDir }, [
    documentedUpdate(),
  ]);
  expect(code, output).toBe(0);
  await rm(folder, { recursive: true });
  expect(await read(after, old)).toEqual([200, BYTES]);

  expect(await read(after, await receive(after, 'new.pdf'))).toEqual([200, BYTES]);
});
