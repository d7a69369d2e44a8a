import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Authenticator } from '../../src/auth/authenticator.js';
import type { Permission, Principal } from '../../src/auth/principal.js';
import { runAdmin } from '../../src/cli/run-admin.js';
import { AppError } from '../../src/common/app-error.js';
import { AuditRepository } from '../../src/repositories/audit.repository.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { SocketClient } from '../support/socket-client.js';
import { discover, DOCUMENTATION } from './access-discovery.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const KEY = 'an-admin-key-that-is-long-enough-0123456789';
const INSTANCES = '/api/whatsapp/instances';
const MISSING = '11111111-1111-4111-8111-111111111111';

/** Routes and socket events that leave no entry: they change nothing, and tell little of people. All others leave one. */
const NOT_AUDITED: readonly string[] = [
  // About the service and those who use it.
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /api/console',
  // Of whom nobody knows who it is.
  'POST /api/sign-in/magic-link',
  'POST /api/sign-in/password',
  'POST /api/sign-in/refresh',
  'POST /api/sign-out',
  'GET /api/admin/audit',
  'GET /api/admin/inbox/dead',
  'GET /api/admin/leases',
  'GET /api/admin/nodes',
  'GET /api/admin/queue-stats',
  'GET /api/admin/throughput',
  'GET /api/admin/api-keys',
  'GET /api/organizations',
  'GET /api/organizations/:id',
  'GET /api/organizations/:id/api-keys',
  'GET /api/organizations/:id/members',
  'GET /api/organizations/:id/invitations',
  'GET /api/me/invitations',
  'GET /api/organizations/:id/retention',
  'GET /api/organizations/:id/settings',
  'GET /api/organizations/:id/calendar-feeds',
  'GET /calendar/:file',
  'GET /api/media-link',
  'GET /api/erasures',
  'GET /api/erasures/:id',
  'GET /api/webhooks',
  'GET /api/webhooks/:id',
  // About the numbers of the organization.
  'GET /api/whatsapp/instances',
  'GET /api/whatsapp/instances/:id',
  'GET /api/whatsapp/instances/:id/history',
  'GET /api/whatsapp/instances/:id/integrity',
  'GET /api/whatsapp/instances/:id/logout',
  'GET /api/whatsapp/instances/:id/numbers/:number',
  'GET /api/whatsapp/instances/:id/pacing',
  'GET /api/whatsapp/instances/:id/status',
  // Of the caller alone.
  'GET /api/me',
  // One person, or one message.
  'GET /api/bookings/:id',
  'GET /api/contacts/:id',
  'GET /api/messages/:id',
  'GET /api/notes/:id',
  'GET /api/messages/:id/history',
  'GET /api/messages/:id/media',
  'GET /api/messages/:id/thumbnail',
  // Listens to less.
  'SOCKET leave-organization',
  // Told to the others at that moment, and gone.
  'SOCKET show-activity',
];

interface Entry {
  action: string;
  outcome: string;
  actor_id: string;
  object_id: string | null;
  [field: string]: unknown;
}

let http: HttpApp;
let database: OpenDatabase;

/** Members of organizations, by their token. */
const members: Record<string, Principal> = {
  owner: member('owner', { org_a: ['read', 'send', 'manage'] }),
  viewer: member('viewer', { org_a: ['read'] }),
  stranger: member('stranger', { org_b: ['read', 'send', 'manage'] }),
};

function member(id: string, grants: Record<string, Permission[]>): Principal {
  const sets = Object.entries(grants).map(([organization, all]) => [organization, new Set(all)] as const);
  return { kind: 'user', id, name: id, grants: new Map(sets) };
}

beforeAll(async () => {
  http = await startHttpApp({ AUTH_MODE: 'required', ADMIN_API_KEY: KEY, TRUST_PROXY: 'loopback' });
  database = http.app.get<OpenDatabase>(OPEN_DATABASE);
  const authenticator = http.app.get(Authenticator, { strict: false });
  const administrator = authenticator.open.bind(authenticator);
  authenticator.open = async (token, instanceId) => {
    const principal = members[token ?? ''];
    return principal ? { principal } : administrator(token, instanceId);
  };
});
afterAll(() => http.stop());

const call = <Body = Record<string, unknown>>(method: string, path: string, body?: unknown, token = KEY) =>
  http.api.call<Body>(method, path, body, { authorization: `Bearer ${token}` });

async function entries(query = '', token = KEY): Promise<Entry[]> {
  const answer = await call<{ entries: Entry[] }>('GET', `/api/admin/audit?${query}`, undefined, token);
  expect(answer.status).toBe(200);
  return answer.body.entries;
}

const newInstance = (token = KEY, organization = 'org_a') =>
  call<{ instance: { id: string } }>(
    'POST',
    INSTANCES,
    { organization_id: organization, instance_name: 'canary-name', phone_number: '5511999887766' },
    token,
  );

describe('a QR code that is shown', () => {
  const ACTION = `GET ${INSTANCES}/:id/qr`;

  it('is noted for each caller and code, however often a page asks', async () => {
    const { id } = (await newInstance()).body.instance;
    const read = async (token: string, format = 'text') =>
      (await call('GET', `${INSTANCES}/${id}/qr?format=${format}`, undefined, token)).status;
    const noted = async () => {
      const list = await entries(`action=${encodeURIComponent(ACTION)}&object_id=${id}`);
      return list.map((entry) => [entry.actor_id, entry.outcome, entry['organization_id']]);
    };

    expect(await read(KEY)).toBe(404);
    expect(await noted()).toEqual([]);
    http.sessions.qrs.set(id, { qr: 'canary-first', issuedAt: new Date() });
    for (const format of ['text', 'png', 'json', 'text']) {
      expect(await read(KEY, format)).toBe(200);
    }
    expect(await read('viewer')).toBe(403);
    expect(await read('owner')).toBe(200);
    http.sessions.qrs.set(id, { qr: 'canary-second', issuedAt: new Date() });
    expect(await read(KEY)).toBe(200);

    const administrator = ['environment', 'done', 'org_a'];
    expect(await noted()).toEqual([administrator, ['owner', 'done', 'org_a'], administrator]);
    const { rows } = await database.sql('select a::text as row from audit_log a where object_id = $1::text', [
      id,
    ]);
    expect(JSON.stringify(rows)).not.toContain('canary-');
  });

  it('is not shown where that can not be noted', async () => {
    const { id } = (await newInstance()).body.instance;
    http.sessions.qrs.set(id, { qr: 'canary-third', issuedAt: new Date() });
    const audit = http.app.get(AuditRepository, { strict: false });
    const insert = vi.spyOn(audit, 'insertEntry').mockRejectedValue(new AppError('database_unavailable'));

    const answer = await call('GET', `${INSTANCES}/${id}/qr?format=text`);
    insert.mockRestore();

    expect(answer.status).toBe(503);
    expect(JSON.stringify(answer.body)).not.toContain('canary-third');
  });
});

describe('the audit log', () => {
  it('says who made what, and names nobody whom it was about', async () => {
    const made = await newInstance();

    await expect
      .poll(async () => (await entries('organization_id=org_a'))[0])
      .toEqual({
        id: expect.any(String),
        at: expect.any(String),
        organization_id: 'org_a',
        actor_kind: 'administrator',
        actor_id: 'environment',
        actor_name: 'ADMIN_API_KEY',
        action: `POST ${INSTANCES}`,
        object_type: 'instances',
        object_id: made.body.instance.id,
        request_id: made.headers.get('x-request-id'),
        address: expect.any(String),
        outcome: 'done',
        status: 200,
        details: { fields: ['instance_name', 'phone_number'] },
      });
  });

  it('names an organization that was made, its API key, and the one that it was made in place of', async () => {
    await call('POST', '/api/organizations', { id: 'org_keys' });
    const path = '/api/organizations/org_keys/api-keys';
    type Issued = { api_key: { id: string } };
    const made = await call<Issued>('POST', path, { name: 'canary-key', scopes: ['read'] });
    await call('POST', `${path}/${made.body.api_key.id}/rotate`);

    const of = { object_type: 'api-keys', object_id: made.body.api_key.id, organization_id: 'org_keys' };
    await expect
      .poll(() => entries(`object_id=${made.body.api_key.id}`))
      .toMatchObject([
        { ...of, action: 'POST /api/organizations/:id/api-keys/:keyId/rotate', outcome: 'done' },
        { ...of, action: 'POST /api/organizations/:id/api-keys', outcome: 'done' },
      ]);
    expect((await entries('organization_id=org_keys')).at(-1)).toMatchObject({
      action: 'POST /api/organizations',
      object_id: 'org_keys',
    });
  });

  it.each([
    ['input that is refused', 'PATCH', () => `${INSTANCES}/not-a-uuid`, { instance_name: 'x' }, KEY, 400],
    ['an object that is missing', 'DELETE', () => `/api/contacts/${MISSING}`, undefined, 'owner', 404],
    [
      'what the caller may not do',
      'POST',
      () => INSTANCES,
      { organization_id: 'org_a', instance_name: 'x' },
      'viewer',
      403,
    ],
  ])('knows of %s', async (_what, method, path, body, token, status) => {
    expect((await call(method, path(), body, token)).status).toBe(status);

    const actor = token === KEY ? 'environment' : token;
    await expect
      .poll(async () => (await entries(`actor_id=${actor}`))[0])
      .toMatchObject({ outcome: 'refused', status, action: expect.stringMatching(method) });
  });

  it('knows who read many messages, and for which contact', async () => {
    const contact = '22222222-2222-4222-8222-222222222222';
    for (const path of ['messages', 'notes', 'bookings', 'contacts', 'events']) {
      await call('GET', `/api/${path}?organization_id=org_a&limit=5`, undefined, 'viewer');
    }
    await call('GET', `/api/messages?contact_id=${contact}`, undefined, 'viewer');
    await call('GET', '/api/contacts?search=canary-search', undefined, 'viewer');
    await call('GET', INSTANCES, undefined, 'viewer');

    await expect.poll(async () => (await entries('actor_id=viewer&outcome=done')).length).toBe(7);
    const found = await entries('actor_id=viewer&outcome=done');
    expect(found.map(({ action }) => action)).toEqual(
      ['contacts', 'messages', 'events', 'contacts', 'bookings', 'notes', 'messages'].map(
        (path) => `GET /api/${path}`,
      ),
    );
    expect(found[1]).toMatchObject({ organization_id: 'org_a', details: { contact_id: contact } });
    expect(found[0]).toMatchObject({ details: { fields: ['search'] } });
  });

  it('has an entry about every route and socket event but those that are named here', async () => {
    const found = discover(http.app);
    const routes = found.routes.filter((route) => !DOCUMENTATION.test(route));
    for (const route of routes) {
      const [method, path] = route.split(' ') as [string, string];
      const body = method === 'GET' ? undefined : {};
      await call(method, `${path.replaceAll(/:\w+/g, MISSING)}?organization_id=org_a`, body);
    }
    const client = await SocketClient.connect(http.url, { auth: { token: KEY } });
    for (const event of Object.keys(found.events)) {
      await client.call(event, 'org_a');
    }
    client.close();

    const all = [...routes, ...Object.keys(found.events).map((event) => `SOCKET ${event}`)];
    const notNoted = async () => {
      const { rows } = await database.sql(
        `select distinct action from audit_log where actor_kind = 'administrator'`,
      );
      const noted = new Set(rows.map(({ action }) => action));
      return all.filter((name) => !noted.has(name)).toSorted();
    };
    await expect.poll(notNoted).toEqual(NOT_AUDITED.toSorted());
  });

  it('shows an owner the own organization alone, and nothing to those who manage none', async () => {
    await newInstance('stranger', 'org_b');
    await call('POST', INSTANCES, { organization_id: 'org_a', instance_name: 'x' }, 'stranger');

    expect((await entries('', 'owner')).map((entry) => entry['organization_id'])).not.toContain('org_b');
    expect((await entries('', 'stranger')).every((entry) => entry['organization_id'] === 'org_b')).toBe(true);
    await expect
      .poll(async () => (await entries('actor_id=stranger', 'stranger')).map(({ outcome }) => outcome))
      .toEqual(['refused', 'done']);
    expect((await call('GET', '/api/admin/audit', undefined, 'viewer')).status).toBe(403);
    expect((await call('GET', '/api/admin/audit?organization_id=org_b', undefined, 'owner')).status).toBe(
      403,
    );
  });

  it('knows which sockets listen to whom', async () => {
    const client = await SocketClient.connect(http.url, { auth: { token: 'viewer' } });
    await client.call('join-organization', 'org_a');
    await client.call('join-organization', 'org_b');
    client.close();

    await expect
      .poll(async () =>
        (await entries('actor_id=viewer&action=SOCKET join-organization')).map((one) => [
          one.object_id,
          one.outcome,
        ]),
      )
      .toEqual([
        ['org_b', 'refused'],
        ['org_a', 'done'],
      ]);
  });

  it('knows who changed what by a command, and names no key', async () => {
    const user = randomUUID();
    const admin = async (...args: string[]) => {
      let result = '';
      const environment = { NODE_ENV: 'test', ...http.storeEnvironment };
      const code = await runAdmin(args, environment, {
        result: (text) => (result += text),
        note: () => undefined,
      });
      return { code, result };
    };
    await admin('create-organization', 'org_cli', '--name', 'canary-name');
    await admin('add-member', 'org_cli', user, '--role', 'agent');
    const { result: key } = await admin('create-key', '--organization', 'org_cli', '--scopes', 'read,send');
    await admin('revoke-key', key);
    await admin('revoke-key', key.replace(/^auz_......../, 'auz_00000000'));
    await admin('create-key', '--organization', 'org_missing', '--scopes', 'everything');
    await admin('list-keys');
    await admin('create-key');
    expect(await admin('rotate-keys')).toMatchObject({ code: 0 });

    const found = await entries(`actor_id=${userInfo().username}`);
    expect(found.every(({ actor_kind }) => actor_kind === 'operator')).toBe(true);
    const told = found.map(({ action, outcome, organization_id, object_type, object_id, details }) => [
      action.replace('npm run admin -- ', ''),
      outcome,
      organization_id,
      object_type,
      object_id,
      details,
    ]);
    expect(told).toEqual([
      ['rotate-keys', 'done', null, 'service', null, { keys: [expect.stringMatching(/^[0-9a-f]{8}$/)] }],
      ['create-key', 'done', null, 'api-keys', expect.any(String), { scopes: ['admin'] }],
      ['create-key', 'refused', 'org_missing', 'api-keys', null, { scopes: [] }],
      ['revoke-key', 'refused', null, 'api-keys', null, { prefix: 'auz_00000000' }],
      ['revoke-key', 'done', 'org_cli', 'api-keys', told[5]![4], { prefix: key.slice(0, 12) }],
      ['create-key', 'done', 'org_cli', 'api-keys', expect.any(String), { scopes: ['read', 'send'] }],
      ['add-member', 'done', 'org_cli', 'organizations', 'org_cli', { userId: user, role: 'agent' }],
      ['create-organization', 'done', 'org_cli', 'organizations', 'org_cli', {}],
    ]);
    expect(JSON.stringify(found)).not.toContain(key.slice(-20));
    expect((await entries('organization_id=org_cli')).length).toBe(4);
  });

  it('knows callers by the address that a trusted proxy names', async () => {
    const forwarded = { 'x-forwarded-for': '2001:db8::7' };

    await http.api.call(
      'PATCH',
      `${INSTANCES}/${MISSING}`,
      {},
      { authorization: `Bearer ${KEY}`, ...forwarded },
    );
    const client = await SocketClient.connect(http.url, { auth: { token: KEY }, extraHeaders: forwarded });
    await client.call('join-organization', 'org_a');
    client.close();

    await expect
      .poll(async () => (await entries('limit=2')).map(({ address }) => address))
      .toEqual(['2001:db8::7', '2001:db8::7']);
  });

  it('holds nothing that anybody typed', async () => {
    const { rows } = await database.sql(
      `select count(*)::int as n from audit_log where to_jsonb(audit_log)::text like '%canary%'`,
    );

    expect(rows).toEqual([{ n: 0 }]);
    expect(await readFile(http.logFile, 'utf8')).not.toContain('canary');
  });

  it('pages, and refuses filters that mean nothing', async () => {
    const first = await call<{ entries: Entry[]; next_cursor: string }>('GET', '/api/admin/audit?limit=1');
    const second = await entries(`limit=1&cursor=${first.body.next_cursor}`);

    expect(Number(second[0]?.['id'])).toBeLessThan(Number(first.body.entries[0]?.['id']));
    for (const query of ['from=yesterday', 'outcome=good', 'cursor=x', 'limit=0']) {
      expect((await call('GET', `/api/admin/audit?${query}`)).status).toBe(400);
    }
  });

  describe('when it can not be written', () => {
    afterEach(() => database.sql('drop function audit_fault cascade'));

    it('lets nothing be changed or read', async () => {
      const { rows: before } = await database.sql('select count(*)::int as n from whatsapp_instances');
      await database.sql(
        `create or replace function audit_fault() returns trigger language plpgsql as
         $$ begin raise exception 'no space' using errcode = '53100'; end $$`,
      );
      await database.sql(
        'create trigger audit_fault before insert on audit_log for each row execute function audit_fault()',
      );

      const change = await newInstance();
      const read = await call('GET', '/api/messages?organization_id=org_a');

      expect(change).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
      expect(read).toMatchObject({ status: 503 });
      const { rows: after } = await database.sql('select count(*)::int as n from whatsapp_instances');
      expect(after).toEqual(before);
    });
  });
});

it('refuses who has no token, and keeps nothing of it', async () => {
  const before = (await entries()).length;

  await expect(http.app.get(Authenticator, { strict: false }).authenticate('nobody')).rejects.toMatchObject({
    code: 'unauthorized',
  });
  expect((await call('POST', INSTANCES, {}, 'nobody')).status).toBe(401);

  expect((await entries()).length).toBe(before);
});
