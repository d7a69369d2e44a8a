import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { SessionSettings } from '../../src/baileys/settings/session-settings.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { callsInARow } from '../support/call-chain.js';
import type { HostedProject } from '../support/hosted/hosted-project.js';
import { SocketClient } from '../support/socket-client.js';
import { type TestService, startTestService } from '../support/test-service.js';
import { ApiClient } from '../support/api-client.js';

const ORGANIZATION = 'org_123';
const OWNER = '5511999887766';
const ADMIN = 'admin-key-of-at-least-thirty-two-characters';
const ROUND_TRIP_MS = 50;
/** What the process does by itself, whether or not anybody calls it, and what comes of WhatsApp's receipts. */
const BY_ITSELF =
  /^POST rpc\/(node_|acquire_|bury_|announce_|claim_|sweep_|event_heads|give_up_|purge_|apply_|release_|ingest_)/;

let simulator: WhatsAppSimulator;
let service: TestService;
let database: OpenDatabase;
let project: HostedProject;
let admin: ApiClient;
let api: ApiClient;
let client: Phone;
let instanceId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator, { AUTH_MODE: 'required', ADMIN_API_KEY: ADMIN }, 'hosted');
  project = service.project!;
  database = service.service.app.get<OpenDatabase>(OPEN_DATABASE);
  admin = new ApiClient(service.url, { authorization: `Bearer ${ADMIN}` });
  instanceId = await admin.createInstance(ORGANIZATION, OWNER);
  const made = await admin.call<{ key: string }>('POST', `/api/organizations/${ORGANIZATION}/api-keys`, {
    name: 'front desk',
    scopes: ['read', 'send', 'manage'],
  });
  const { key } = made.body;
  api = new ApiClient(service.url, { authorization: `Bearer ${key}` });
  const socket = await SocketClient.connect(service.url, { auth: { token: key } });
  await socket.call('join-organization', ORGANIZATION);
  const owner = simulator.addPhone({ number: OWNER, name: 'Owner' });
  await owner.types(await api.pairingCode(instanceId));
  await socket.waitFor('whatsapp:connected', 1);
  socket.close();
  client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  project.roundTripMs = ROUND_TRIP_MS;
});
afterAll(async () => {
  await service.stop();
  await simulator.stop();
});

/** @returns the calls of the database, one after the other, for which the caller waited, and how long that took in ms */
async function costOf(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const from = performance.now();
  const { status } = await api.call(method, path, body, headers);
  const to = performance.now();
  expect(status).toBe(200);
  const inARow = callsInARow(project.counters.calls, { from, to }, (name) => BY_ITSELF.test(name));
  return { inARow, ms: to - from };
}

/** The best of five: now and then something else is being stored already. */
async function least(cost: () => Promise<{ inARow: string[]; ms: number }>) {
  const all = [];
  for (let turn = 0; turn < 5; turn++) {
    all.push(await cost());
  }
  return all.toSorted((a, b) => a.inARow.length - b.inARow.length)[0]!;
}

describe('calls of the database for which a caller waits one after the other', () => {
  const path = () => `/api/whatsapp/instances/${instanceId}`;
  let turn = 0;
  const send = () =>
    costOf(
      'POST',
      `${path()}/send`,
      { to: client.number, message: 'hello' },
      { 'idempotency-key': `order-${turn++}` },
    );

  it('are three for a message, with an API key and an idempotency key', async () => {
    await send();

    expect((await least(send)).inARow.length).toBeLessThanOrEqual(3);
  });

  it('is one to read an instance', async () => {
    expect((await least(() => costOf('GET', path()))).inARow.length).toBe(1);
  });
});

describe('the entry of the audit log about a message', () => {
  const send = (to: string, headers: Record<string, string> = {}, id = instanceId) =>
    api.call('POST', `/api/whatsapp/instances/${id}/send`, { to, message: 'hello' }, headers);
  const entries = async () =>
    (
      await admin.call<{ entries: object[] }>(
        'GET',
        '/api/admin/audit?action=POST /api/whatsapp/instances/:id/send',
      )
    ).body.entries;

  it('says how each call ended, also one that sent nothing', async () => {
    const before = (await entries()).length;
    const foreign = await admin.createInstance('org_foreign');
    const answers = [
      await send(client.number, { 'idempotency-key': 'noted' }),
      await send(client.number, { 'idempotency-key': 'noted' }),
      await send('no number'),
      await send(client.number, {}, foreign),
      await send(client.number, {}, randomUUID()),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 404, 404]);

    const own = { organization_id: ORGANIZATION, actor_kind: 'api-key', object_type: 'instances' };
    const details = { fields: ['to', 'message'] };
    await expect
      .poll(async () => (await entries()).slice(0, -before).toReversed())
      .toMatchObject([
        { ...own, object_id: instanceId, outcome: 'done', status: 200, details },
        { ...own, object_id: instanceId, outcome: 'done', status: 200, details },
        { ...own, object_id: instanceId, outcome: 'refused', status: 400, details },
        { ...own, object_id: foreign, outcome: 'refused', status: 404, details },
        { ...own, outcome: 'refused', status: 404, details },
      ]);
  });

  it('is there before anything leaves: where it can not be stored, nothing does', async () => {
    service.service.app.get(SessionSettings, { strict: false }).outbound.storeMs = 900;
    await database.sql(
      `create function audit_fault() returns trigger language plpgsql as
        $$ begin raise exception 'no space' using errcode = '53100'; end $$`,
    );
    await database.sql(
      'create trigger audit_fault before insert on audit_log for each row execute function audit_fault()',
    );
    const count = async () => (await database.sql('select count(*)::int as n from messages')).rows;
    const before = await count();
    try {
      expect(await send(client.number)).toMatchObject({
        status: 503,
        body: { code: 'database_unavailable' },
      });
      expect(await count()).toEqual(before);
    } finally {
      await database.sql('drop function audit_fault cascade');
    }
  });
});
