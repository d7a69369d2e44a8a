import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { NpmFolder } from '../support/npm-folder.js';

/**
 * What users were promised before there was this service, one after the other as they do it: with curl, which calls JSON a form
 * where nobody tells it otherwise, in SQL, on a socket that acknowledges nothing, and by searching the log.
 */

const OWNER = '5511999887766';
const JSON_HEADER = '-H "Content-Type: application/json"';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const UUID = expect.stringMatching(/^[\da-f-]{36}$/) as string;
const CODE = expect.stringMatching(/^[A-Z\d]{8}$/) as string;

interface Heard {
  name: string;
  payload: Record<string, unknown>;
}

let simulator: WhatsAppSimulator;
let owner: Phone;
let client: Phone;
let home: ServiceHome;
let folder: NpmFolder;
let service: BuiltService;
let socket: Socket;
let id: string;
/** Events that were not expected yet, in the order in which they came. */
let heard: Heard[] = [];

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  owner = simulator.addPhone({ number: OWNER, name: 'Owner' });
  client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  home = await makeServiceHome();
  folder = await NpmFolder.make({ DATA_DIR: home.dataDir });
  service = await BuiltService.start(home, {
    LOG_FILE: join(folder.path, 'logs/app.log'),
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
  });
  socket = io(service.url);
  socket.onAny((name: string, payload: Heard['payload']) => heard.push({ name, payload }));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.emit('join-organization', 'org_123');
});
afterAll(async () => {
  socket.disconnect();
  await folder.remove();
  await service.stop();
  await simulator.stop();
  await home.remove();
});

/** @returns what it answers, with its status as `http` */
async function curl(call: string): Promise<Record<string, unknown>> {
  const there = call.replace('http://localhost:3000', service.url).replaceAll('{id}', id);
  const { code, stdout, stderr } = await folder.run(`curl --silent --write-out ' %{http_code}' ${there}`);
  expect(code, stderr).toBe(0);
  const [, body, http] = /^(.*) (\d+)$/s.exec(stdout)!;
  return { ...(JSON.parse(body!) as object), http: Number(http) };
}

async function event(name: string, fits: (payload: Heard['payload']) => boolean = () => true) {
  const found = () => heard.find((one) => one.name === name && fits(one.payload));
  await expect.poll(found).toBeDefined();
  const { payload } = found()!;
  heard = heard.filter((one) => one.payload !== payload);
  return payload;
}

async function sql(statement: string): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await folder.run('npm run --silent sql -- --json "$STATEMENT"', {
    STATEMENT: statement,
  });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>[];
}

it('is healthy', async () => {
  expect(await curl('http://localhost:3000/health')).toEqual({ status: 'ok', timestamp: TIME, http: 200 });
});

it('makes an instance', async () => {
  const answer = await curl(`-X POST http://localhost:3000/api/whatsapp/instances ${JSON_HEADER} \
    -d '{"organization_id": "org_123", "instance_name": "Main WhatsApp", "phone_number": "${OWNER}"}'`);

  expect(answer).toMatchObject({
    success: true,
    instance: {
      id: UUID,
      organization_id: 'org_123',
      instance_name: 'Main WhatsApp',
      phone_number: OWNER,
      status: 'disconnected',
      pairing_method: 'code',
      created_at: TIME,
    },
    http: 200,
  });
  id = (answer['instance'] as { id: string }).id;
});

it.each([
  ['an organization', `{"instance_name": "Main WhatsApp"}`],
  ['a name', `{"organization_id": "org_123"}`],
])('makes none without %s', async (_what, body) => {
  const call = `-X POST http://localhost:3000/api/whatsapp/instances ${JSON_HEADER} -d '${body}'`;
  expect(await curl(call)).toMatchObject({ success: false, http: 400 });
});

it('shows a QR string, and links nobody by it alone', async () => {
  expect(
    await curl(`-X POST http://localhost:3000/api/whatsapp/instances/{id}/connect -d '{"method": "qr"}'`),
  ).toEqual({
    success: true,
    method: 'qr',
    message: 'QR Code will be sent via Socket.IO when generated',
    http: 200,
  });
  expect(await event('whatsapp:qr')).toEqual({
    instanceId: id,
    qr: expect.stringContaining(',') as string,
    timestamp: TIME,
  });
  expect(await curl('http://localhost:3000/api/whatsapp/instances/{id}/status')).toMatchObject({
    instance: { status: 'qr_pending' },
  });
});

it.each([
  ['as JSON', JSON_HEADER],
  ['as curl sends it', ''],
])('gives a code to type, asked for %s', async (_how, header) => {
  const answer = await curl(`-X POST http://localhost:3000/api/whatsapp/instances/{id}/connect ${header} \
    -d '{"phone_number": "${OWNER}", "method": "code"}'`);

  expect(answer).toEqual({ success: true, pairingCode: CODE, method: 'code', http: 200 });
  const told = await event(
    'whatsapp:pairing-code',
    ({ pairingCode }) => pairingCode === answer['pairingCode'],
  );
  expect(told).toMatchObject({ instanceId: id, expiresAt: TIME, timestamp: TIME });
  const validMs = Date.parse(String(told['expiresAt'])) - Date.now();
  expect(validMs).toBeGreaterThan(40_000);
  expect(validMs).toBeLessThanOrEqual(60_000);
});

it('is linked when the last code is typed', async () => {
  const { pairingCode } = await curl(`-X POST http://localhost:3000/api/whatsapp/instances/{id}/connect \
    -d '{"phone_number": "${OWNER}", "method": "code"}'`);
  await owner.types(String(pairingCode));

  expect(await event('whatsapp:connected')).toMatchObject({
    instanceId: id,
    organizationId: 'org_123',
    phoneNumber: OWNER,
    timestamp: TIME,
  });
  expect(await curl('http://localhost:3000/api/whatsapp/instances/{id}/status')).toMatchObject({
    instance: {
      id,
      status: 'connected',
      phone_number: OWNER,
      last_connected_at: TIME,
      messages_sent_count: 0,
      messages_received_count: 0,
    },
    is_running: true,
    http: 200,
  });
});

it.each(['11999887766', '+55 11 99988-7766'])('does not take %s for a number', async (number) => {
  const call = `-X POST http://localhost:3000/api/whatsapp/instances/{id}/connect ${JSON_HEADER} -d '{"phone_number": "${number}", "method": "code"}'`;
  expect(await curl(call)).toMatchObject({ success: false, http: 400 });
});

it('tells of a client who writes, once, with the contact and the booking', async () => {
  const { id: messageId } = await client.writes(owner, 'Is there a table?');

  const told = await event('whatsapp:message');

  expect(told).toMatchObject({
    instanceId: id,
    messageId,
    from: client.number,
    text: 'Is there a table?',
    timestamp: TIME,
    contactId: UUID,
    bookingId: UUID,
  });
  const found = await curl(`-X POST http://localhost:3000/api/contacts -H "Authorization: Bearer {token}" \
    -d '{"organization_id": "org_123"}'`);
  expect(found).toMatchObject({
    http: 200,
    contacts: [{ id: told['contactId'], phone_number: client.number, name: 'Ana' }],
  });
});

it.each(['5511988887777', '5511988887777@s.whatsapp.net'])('sends to %s', async (to) => {
  const answer = await curl(`-X POST http://localhost:3000/api/whatsapp/instances/{id}/send ${JSON_HEADER} \
    -d '{"to": "${to}", "message": "Hello from AuZap, ${to}!"}'`);

  expect(answer).toMatchObject({ success: true, http: 200 });
  await client.receives(({ text }) => text === `Hello from AuZap, ${to}!`);
});

it('refuses to send nothing, and by what is not there', async () => {
  const send = (path: string, body: string) =>
    curl(`-X POST http://localhost:3000/api/whatsapp/instances/${path}/send ${JSON_HEADER} -d '${body}'`);

  expect(await send('{id}', `{"to": "${client.number}"}`)).toMatchObject({ success: false, http: 400 });
  const nowhere = await send(
    '00000000-0000-4000-8000-000000000000',
    `{"to": "${client.number}", "message": "x"}`,
  );
  expect(nowhere).toMatchObject({ success: false, http: 404 });
});

it('takes the number of the owner anew', async () => {
  const call = `-X PATCH http://localhost:3000/api/whatsapp/instances/{id} -d '{"phone_number": "${OWNER}"}'`;
  expect(await curl(call)).toMatchObject({ success: true, instance: { phone_number: OWNER }, http: 200 });
});

it('tells how long the queue is', async () => {
  expect(await curl('http://localhost:3000/api/admin/queue-stats')).toMatchObject({ http: 200 });
});

it('answers in SQL who the owner is, whether there is a session, and how it goes', async () => {
  expect(
    await sql(`SELECT phone_number, organization_id
      FROM whatsapp_instances
      WHERE organization_id = 'org_123';`),
  ).toEqual([{ phone_number: OWNER, organization_id: 'org_123' }]);
  expect(
    await sql(`SELECT id, status, session_data IS NOT NULL as has_session
      FROM whatsapp_instances
      WHERE id = '${id}';`),
  ).toEqual([{ id, status: 'connected', has_session: true }]);
  const metrics = await sql(`SELECT
      id,
      instance_name,
      status,
      messages_sent_count,
      messages_received_count,
      last_connected_at,
      DATE_PART('day', NOW() - last_connected_at) as days_since_connection
    FROM whatsapp_instances
    WHERE organization_id = 'org_123';`);
  expect(metrics).toMatchObject([
    { id, messages_sent_count: 2, messages_received_count: 1, days_since_connection: 0 },
  ]);
  const indexes = await sql(`SELECT indexname FROM pg_indexes
    WHERE indexname IN ('idx_messages_contact', 'idx_contacts_phone') ORDER BY indexname`);
  expect(indexes).toEqual([{ indexname: 'idx_contacts_phone' }, { indexname: 'idx_messages_contact' }]);
});

it.each([
  ['"messageWorker"', 'Message worker started'],
  ['baileys', 'Saving credentials'],
])('writes a log in which grep %s finds: %s', async (pattern, line) => {
  const { code, stdout } = await folder.run(`tail -n +1 logs/app.log | grep ${pattern}`);

  expect([code, stdout.includes(line)]).toEqual([0, true]);
});

it('writes a log that is followed while it grows, and no error into it', async () => {
  const next = folder.start('tail -f logs/app.log | grep --line-buffered baileys');
  await client.writes(owner, 'one more');
  await event('whatsapp:message');

  await curl(`-X DELETE http://localhost:3000/api/whatsapp/instances/{id}`);

  await next(/baileys/);
  await folder.endAll();
  expect((await folder.run('tail -n +1 logs/app.log | grep ERROR')).code).toBe(1);
});

it('is linked again after it was deleted, by a QR code', async () => {
  expect(await event('whatsapp:disconnected')).toMatchObject({
    instanceId: id,
    reason: expect.any(String) as string,
    timestamp: TIME,
  });
  expect(owner.devices).toEqual([]);
  expect(await curl('http://localhost:3000/api/whatsapp/instances/{id}/status')).toMatchObject({ http: 404 });
  heard = [];

  const answer = await curl(
    `-X POST http://localhost:3000/api/whatsapp/instances/{id}/connect -d '{"method": "qr"}'`,
  );

  expect(answer).toMatchObject({ success: true, http: 200 });
  const { qr } = await event('whatsapp:qr');
  await owner.scans(String(qr));
  expect(await event('whatsapp:connected')).toMatchObject({ instanceId: id, phoneNumber: OWNER });
  await client.writes(owner, 'back again');
  expect(await event('whatsapp:message')).toMatchObject({ text: 'back again', from: client.number });
});
