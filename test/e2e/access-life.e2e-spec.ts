import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DomainEventBus } from '../../src/common/domain-events.js';
import { SocketClient } from '../support/socket-client.js';
import { AccessWorld, ADMIN_KEY, bearer, HOME, userToken } from './access-world.js';

const clients: SocketClient[] = [];

let world: AccessWorld;
beforeAll(async () => {
  world = await AccessWorld.start();
});
afterAll(() => world?.stop());
afterEach(() => clients.splice(0).forEach((client) => client.close()));

/** What the answers read below hold. */
interface Answer {
  key: string;
  api_key: { id: string };
  organizations: object[];
  messages: object[];
  next_cursor: string;
}

const call = (method: string, path: string, token: string, body?: unknown) =>
  world.http.api.call<Answer>(method, path, body, bearer(token));
const mayRead = async (token: string) => (await call('GET', '/api/organizations', token)).status === 200;

async function listening(token: string, organizationId = HOME): Promise<SocketClient> {
  const client = await SocketClient.connect(world.http.url, { auth: { token } });
  clients.push(client);
  expect(await client.call('join-organization', organizationId)).toMatchObject({ success: true });
  return client;
}

/** With a token that is valid for so many seconds, or for longer on a machine that needs longer to begin. */
async function listeningFor(seconds: number, user: string): Promise<SocketClient> {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  return listening(userToken(user, { exp })).catch((error: unknown) => {
    if (Date.now() / 1000 < exp) {
      throw error;
    }
    return listeningFor(2 * seconds, user);
  });
}

async function expectEnded(client: SocketClient): Promise<void> {
  await client.waitFor('exception');
  expect(client.payloads('exception')).toMatchObject([{ success: false, code: 'unauthorized' }]);
  await client.disconnected();
}

describe('an API key', () => {
  it('is shown once, and nowhere kept', async () => {
    const { id, key } = await world.key(HOME, ['read']);
    const listed = await world.do<{ api_keys: { id: string }[] }>(
      'GET',
      `/api/organizations/${HOME}/api-keys`,
    );
    const { rows } = await world.database.sql('select k::text as row from api_keys k');

    expect(key).toMatch(/^auz_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
    expect(listed.api_keys.find((one) => one.id === id)).toMatchObject({
      prefix: key.slice(0, 12),
      scopes: ['read'],
      organization_id: HOME,
      revoked_at: null,
    });
    expect(JSON.stringify([listed, rows])).not.toContain(key.slice(13));
  });

  it('ends at once, with its sockets, when it is revoked', async () => {
    const { id, key } = await world.key(HOME);
    const client = await listening(key);

    await world.do('DELETE', `/api/organizations/${HOME}/api-keys/${id}`);

    expect(await mayRead(key)).toBe(false);
    await expectEnded(client);
    await world.do('DELETE', `/api/organizations/${HOME}/api-keys/${id}`); // once more changes nothing
  });

  it('ends with its sockets when its time is over, though nobody says so', async () => {
    const { id, key } = await world.key(HOME);
    const client = await listening(key);

    await world.database.sql('update api_keys set expires_at = now() where id = $1::text::uuid', [id]);

    expect(await mayRead(key)).toBe(false);
    await expectEnded(client);
  });

  it('may be created with an end, in the future', async () => {
    const path = `/api/organizations/${HOME}/api-keys`;
    const at = (ms: number) => ({
      name: 'x',
      scopes: ['read'],
      expires_at: new Date(Date.now() + ms).toISOString(),
    });

    expect(await call('POST', path, ADMIN_KEY, at(60_000))).toMatchObject({ status: 200 });
    expect(await call('POST', path, ADMIN_KEY, at(-1_000))).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    });
  });

  it.each([
    [{ name: 'x', scopes: [] }],
    [{ name: 'x', scopes: ['admin'] }],
    [{ name: 'x', scopes: ['read', 'read'] }],
    [{ name: 'x' }],
    [{ scopes: ['read'] }],
  ])('is not made of %j', async (input) => {
    expect((await call('POST', `/api/organizations/${HOME}/api-keys`, ADMIN_KEY, input)).status).toBe(400);
  });

  it('is rotated: the old one lives on for as long as was said', async () => {
    const { id, key } = await world.key(HOME);
    const rotate = (keyId: string, body?: unknown) =>
      call('POST', `/api/organizations/${HOME}/api-keys/${keyId}/rotate`, ADMIN_KEY, body);

    const first = await rotate(id);
    expect(first).toMatchObject({ status: 200, body: { api_key: { scopes: ['read', 'send', 'manage'] } } });
    expect([await mayRead(key), await mayRead(first.body.key)]).toEqual([true, true]);
    expect(await rotate(id)).toMatchObject({ status: 409, body: { code: 'api_key_not_usable' } });

    const client = await listening(first.body.key);
    const second = await rotate(first.body.api_key.id, { overlap_seconds: 0 });
    expect(await mayRead(first.body.key)).toBe(false);
    expect(await mayRead(second.body.key)).toBe(true);
    await expectEnded(client);
  });

  it('keeps note of its last use, once a minute at most', async () => {
    const { id, key } = await world.key(HOME);
    const lastUsed = async () =>
      (await world.database.sql('select last_used_at from api_keys where id = $1::text::uuid', [id]))
        .rows[0]!['last_used_at'];

    expect(await lastUsed()).toBeNull();
    await mayRead(key);
    const first = await lastUsed();
    await mayRead(key);
    expect(first).not.toBeNull();
    expect(await lastUsed()).toEqual(first);
  });

  it('hands on nothing that it does not allow', async () => {
    const { key } = await world.key(HOME, ['manage']);
    const { id } = await world.key(HOME, ['read', 'send']);
    const path = `/api/organizations/${HOME}`;

    expect(await call('POST', `${path}/api-keys`, key, { name: 'x', scopes: ['send'] })).toMatchObject({
      status: 403,
      body: { code: 'scope_not_held' },
    });
    expect(await call('POST', `${path}/api-keys/${id}/rotate`, key)).toMatchObject({
      status: 403,
      body: { code: 'scope_not_held' },
    });
    expect(await call('PUT', `${path}/members/${randomUUID()}`, key, { role: 'owner' })).toMatchObject({
      status: 403,
      body: { code: 'role_not_held' },
    });
    expect((await call('POST', `${path}/api-keys`, key, { name: 'x', scopes: ['manage'] })).status).toBe(200);
  });
});

describe('an API key that would end itself', () => {
  it.each([HOME, null])('is told to take another one, in %s', async (organizationId) => {
    const { id, key } = await world.key(organizationId);
    const path = `${organizationId === null ? '/api/admin' : `/api/organizations/${HOME}`}/api-keys/${id}`;

    const inUse = { status: 409, body: { code: 'api_key_in_use' } };
    expect(await call('DELETE', path, key)).toMatchObject(inUse);
    expect(await call('POST', `${path}/rotate`, key, { overlap_seconds: 0 })).toMatchObject(inUse);
    expect(await mayRead(key)).toBe(true);
    const { body } = await call('POST', `${path}/rotate`, key);
    expect((await call('DELETE', path, body.key)).status).toBe(200);
    expect([await mayRead(key), await mayRead(body.key)]).toEqual([false, true]);
  });
});

describe('an organization at a bound', () => {
  let id: string;
  beforeEach(async () => {
    id = await world.organization();
  });
  const fill = (text: string) => world.database.sql(text, [id]);
  const path = (rest: string) => `/api/organizations/${id}/${rest}`;

  it('takes no further member, and changes those that it has', async () => {
    await fill(
      'insert into organization_members (organization_id, user_id) select $1::text, gen_random_uuid() from generate_series(1, 999)',
    );
    const last = await world.member(id, 'agent');

    expect(await call('PUT', path(`members/${randomUUID()}`), ADMIN_KEY, { role: 'viewer' })).toMatchObject({
      status: 409,
      body: { code: 'too_many_members', error: expect.stringContaining('1000') },
    });
    await world.member(id, 'viewer', last);
    await world.do('DELETE', path(`members/${last}`));
    await world.member(id, 'viewer');
  });

  it('takes no further API key until one has ended', async () => {
    await fill(
      `insert into api_keys (organization_id, name, prefix, key_hash, scopes)
        select $1::text, 'x', 'auz_x', decode(md5($1::text || n), 'hex'), '{read}' from generate_series(1, 99) n`,
    );
    const { id: last } = await world.key(id);
    const create = () => call('POST', path('api-keys'), ADMIN_KEY, { name: 'x', scopes: ['read'] });
    const rotate = (body: object) => call('POST', path(`api-keys/${last}/rotate`), ADMIN_KEY, body);

    const tooMany = { status: 409, body: { code: 'too_many_api_keys' } };
    expect(await create()).toMatchObject(tooMany);
    expect(await rotate({})).toMatchObject(tooMany);
    const { status, body } = await rotate({ overlap_seconds: 0 });
    expect(status).toBe(200);
    await world.do('DELETE', path(`api-keys/${body.api_key.id}`));
    expect((await create()).status).toBe(200);
  });

  it('takes no further instance, and brings no deleted one back', async () => {
    const deleted = await world.instance(id);
    await world.do('DELETE', `/api/whatsapp/instances/${deleted}`);
    await fill(
      `insert into whatsapp_instances (organization_id, instance_name) select $1::text, 'x' from generate_series(1, 1000)`,
    );

    const input = { organization_id: id, instance_name: 'x' };
    const tooMany = { status: 409, body: { code: 'too_many_instances' } };
    expect(await call('POST', '/api/whatsapp/instances', ADMIN_KEY, input)).toMatchObject(tooMany);
    const restore = { method: 'qr' };
    expect(
      await call('POST', `/api/whatsapp/instances/${deleted}/connect`, ADMIN_KEY, restore),
    ).toMatchObject(tooMany);
  });
});

describe('the last owner of an organization', () => {
  it('is taken from it by administrators alone', async () => {
    const id = await world.organization();
    const owner = await world.member(id, 'owner');
    const agent = await world.member(id, 'agent');
    const { key } = await world.key(id);
    const path = (user: string) => `/api/organizations/${id}/members/${user}`;

    const lastOwner = {
      status: 409,
      body: { code: 'last_owner', error: expect.stringContaining('another member') },
    };
    for (const token of [userToken(owner), key]) {
      expect(await call('DELETE', path(owner), token)).toMatchObject(lastOwner);
      expect(await call('PUT', path(owner), token, { role: 'viewer' })).toMatchObject(lastOwner);
    }
    expect((await call('PUT', path(owner), userToken(owner), { role: 'owner' })).status).toBe(200);
    expect(await call('DELETE', path(randomUUID()), key)).toMatchObject({ status: 404 });
    expect(await call('PUT', path(agent), userToken(agent), { role: 'owner' })).toMatchObject({
      status: 403,
      body: { code: 'permission_denied' },
    });

    expect((await call('PUT', path(agent), userToken(owner), { role: 'owner' })).status).toBe(200);
    expect((await call('PUT', path(owner), userToken(owner), { role: 'viewer' })).status).toBe(200);
    expect((await call('DELETE', path(agent), ADMIN_KEY)).status).toBe(200);
  });
});

describe('a member', () => {
  it('may do what the role says, from one call to the next', async () => {
    const user = await world.member(HOME, 'viewer');
    const token = userToken(user);
    const send = async () =>
      (
        await call('POST', `/api/whatsapp/instances/${randomUUID()}/send`, token, {
          to: '5521988776655',
          message: 'x',
        })
      ).status;

    expect(await send()).toBe(403);
    await world.member(HOME, 'agent', user);
    expect(await send()).toBe(404);
    await world.member(HOME, 'viewer', user);
    expect(await send()).toBe(403);
  });

  it('who is removed hears nothing more', async () => {
    const user = await world.member(HOME, 'agent');
    const client = await listening(userToken(user));

    await world.do('DELETE', `/api/organizations/${HOME}/members/${user}`);

    expect(await mayRead(userToken(user))).toBe(false);
    await expectEnded(client);
  });

  it('of several organizations who is removed from one stays in the other', async () => {
    const other = await world.organization();
    const user = await world.member(HOME, 'agent');
    await world.member(other, 'viewer', user);
    const token = userToken(user);
    const client = await listening(token);
    await client.call('join-organization', other);

    expect(await call('GET', '/api/messages', token)).toMatchObject({
      status: 400,
      body: { code: 'organization_id_required' },
    });
    await world.do('DELETE', `/api/organizations/${HOME}/members/${user}`);
    await client.waitFor('exception');

    expect(client.payloads('exception')).toMatchObject([{ code: 'organization_forbidden' }]);
    expect(await client.call('join-organization', HOME)).toMatchObject({ code: 'organization_forbidden' });
    const event = { organizationId: other, sequence: 1, name: 'whatsapp:message' as const };
    world.http.app.get(DomainEventBus).emit('events.committed', [
      {
        ...event,
        payload: {
          instanceId: randomUUID(),
          messageId: 'M',
          from: '1',
          text: 'x',
          timestamp: new Date().toISOString(),
        },
      },
    ]);
    expect(await client.waitFor('whatsapp:message')).toHaveLength(1);
  });

  it('whose role changes hears from then on what the new role may, and no more', async () => {
    const other = await world.organization();
    const user = await world.member(HOME, 'agent');
    await world.member(other, 'viewer', user);
    const client = await listening(userToken(user));
    await client.call('join-organization', other);
    const issue = (qr: string) =>
      world.http.app
        .get(DomainEventBus)
        .emit('instance.qr_issued', { organizationId: HOME, instanceId: randomUUID(), qr, at: new Date() });

    await world.member(HOME, 'owner', user);
    await expect
      .poll(() => {
        issue('for the owner');
        return client.payloads('whatsapp:qr').length;
      })
      .toBeGreaterThan(0);
    await world.member(HOME, 'agent', user);
    // What is looked up after this is looked up after that.
    await world.do('DELETE', `/api/organizations/${other}/members/${user}`);
    await client.waitFor('exception');
    issue('for an owner, who is one no more');
    await client.call('leave-organization', HOME);

    expect(new Set(client.payloads('whatsapp:qr').map(({ qr }) => qr))).toEqual(new Set(['for the owner']));
  });

  it('whose token is past its end is disconnected', async () => {
    const user = await world.member(HOME, 'viewer');
    const client = await listeningFor(2, user);

    await expectEnded(client);
    expect(client.socket.connected).toBe(false);
  });

  it('who owns manages, in the own organization alone', async () => {
    const other = await world.organization();
    const user = await world.member(HOME, 'owner');
    await world.member(other, 'viewer', user);
    const token = userToken(user);
    const path = (organizationId: string) => `/api/organizations/${organizationId}/members/${randomUUID()}`;

    expect((await call('PUT', path(HOME), token, { role: 'owner' })).status).toBe(200);
    expect(await call('PUT', path(other), token, { role: 'viewer' })).toMatchObject({
      status: 403,
      body: { code: 'permission_denied' },
    });
    expect(await call('PUT', path('org_missing'), token, { role: 'viewer' })).toMatchObject({
      status: 404,
      body: { code: 'organization_not_found' },
    });
  });
});

describe('an owner of two organizations who names one, and an object of the other', () => {
  it('gets and changes nothing', async () => {
    const other = await world.organization();
    const user = await world.member(HOME, 'owner');
    await world.member(other, 'owner', user);
    const { instanceId, contactId } = await world.conversation(other);
    const { id: keyId } = await world.key(other);
    const erasure = await world.erasure(other);
    await world.database.sql(
      `insert into inbox (organization_id, instance_id, message_id, chat, sender, hash, state)
        values ($1::text, $2::text::uuid, 'M', 'c', 's', 'h', 2)`,
      [other, instanceId],
    );
    const token = userToken(user);
    const instance = `/api/whatsapp/instances/${instanceId}`;
    const redrive = (organizationId: string) =>
      call('POST', '/api/admin/inbox/redrive', token, {
        organization_id: organizationId,
        instance_id: instanceId,
      });
    const messages = (organizationId: string) =>
      call('GET', `/api/messages?organization_id=${organizationId}&instance_id=${instanceId}`, token);

    for (const [method, path, status, body] of [
      ['PATCH', instance, 400, { organization_id: HOME, instance_name: 'mine' }],
      ['POST', `${instance}/send`, 400, { organization_id: HOME, to: '5521988776655', message: 'x' }],
      ['POST', `${instance}/connect`, 400, { organization_id: HOME, method: 'qr' }],
      ['GET', `/api/contacts/${contactId}?organization_id=${HOME}`, 404, undefined],
      ['DELETE', `/api/contacts/${contactId}?organization_id=${HOME}`, 404, undefined],
      ['POST', `/api/contacts/${contactId}/export?organization_id=${HOME}`, 404, undefined],
      ['GET', `/api/erasures/${erasure}?organization_id=${HOME}`, 404, undefined],
      ['DELETE', `/api/organizations/${HOME}/api-keys/${keyId}`, 404, undefined],
      ['POST', `/api/organizations/${HOME}/api-keys/${keyId}/rotate`, 404, {}],
      ['PUT', `/api/organizations/${HOME}/members/${user}`, 400, { organization_id: other, role: 'agent' }],
    ] as const) {
      expect([method, path, (await call(method, path, token, body)).status]).toEqual([method, path, status]);
    }
    expect((await messages(HOME)).body.messages).toEqual([]);
    expect((await redrive(HOME)).body).toMatchObject({ redriven: 0 });

    expect((await messages(other)).body.messages).toHaveLength(1);
    expect((await redrive(other)).body).toMatchObject({ redriven: 1 });
  });
});

describe('an organization', () => {
  it('is made once, renamed and listed', async () => {
    const id = await world.organization();
    const path = `/api/organizations/${id}`;

    expect(await call('POST', '/api/organizations', ADMIN_KEY, { id })).toMatchObject({
      status: 409,
      body: { code: 'organization_exists' },
    });
    expect(await call('PATCH', path, ADMIN_KEY, { name: ' Sol ' })).toMatchObject({
      status: 200,
      body: { organization: { id, name: 'Sol', closed_at: null } },
    });
    const { key } = await world.key(id, ['read']);
    expect(await call('GET', '/api/organizations', key)).toMatchObject({
      body: { organizations: [{ id, name: 'Sol' }], next_cursor: null },
    });
    const first = await call('GET', '/api/organizations?limit=1', ADMIN_KEY);
    const second = await call(
      'GET',
      `/api/organizations?limit=1&cursor=${first.body.next_cursor}`,
      ADMIN_KEY,
    );
    expect(second.body.organizations[0]).not.toEqual(first.body.organizations[0]);
  });

  it('that is closed ends its keys, sockets and instances, and takes nothing new', async () => {
    const id = await world.organization();
    const path = `/api/organizations/${id}`;
    const { key } = await world.key(id);
    const user = await world.member(id, 'owner');
    const { instanceId } = await world.conversation(id);
    const removed = await world.instance(id);
    await world.do('DELETE', `/api/whatsapp/instances/${removed}`);
    const byKey = await listening(key, id);
    const byUser = await listening(userToken(user), id);

    expect(await call('DELETE', path, ADMIN_KEY)).toMatchObject({ status: 200, body: { success: true } });

    await Promise.all([expectEnded(byKey), expectEnded(byUser)]);
    expect((await call('GET', '/api/messages', key)).status).toBe(401);
    expect(world.http.sessions.calls).toContainEqual({
      name: 'logoutAndWipe',
      instanceId,
      argument: { deleted: true },
    });
    for (const [method, route, token, body] of [
      ['GET', '/api/messages', userToken(user), undefined],
      ['POST', '/api/whatsapp/instances', ADMIN_KEY, { organization_id: id, instance_name: 'x' }],
      ['POST', `/api/whatsapp/instances/${removed}/connect`, ADMIN_KEY, { method: 'qr' }],
      ['POST', `${path}/api-keys`, ADMIN_KEY, { name: 'x', scopes: ['read'] }],
      ['PUT', `${path}/members/${randomUUID()}`, ADMIN_KEY, { role: 'owner' }],
    ] as const) {
      expect([route, await call(method, route, token, body)]).toMatchObject([
        route,
        { status: 409, body: { code: 'organization_closed' } },
      ]);
    }
    expect((await call('GET', `/api/messages?organization_id=${id}`, ADMIN_KEY)).body.messages).toHaveLength(
      1,
    );
    expect((await call('DELETE', path, ADMIN_KEY)).status).toBe(200);
    expect(await call('GET', path, ADMIN_KEY)).toMatchObject({
      body: { organization: { closed_at: expect.any(String) } },
    });
  });
});
