import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAdmin } from '../../src/cli/run-admin.js';
import type { ApiAnswer } from '../support/api-client.js';
import { expectEnded, listening } from './access-listener.js';
import { AccessFixture, ADMIN_KEY, bearer, HOME, userToken } from './access-fixture.js';

const HOUR_MS = 3_600_000;
const ALL = ['read', 'send', 'manage'];

interface Maker {
  kind: string;
  id: string;
  name: string;
}
interface Key {
  id: string;
  expires_at: string | null;
  created_by: Maker | null;
}
interface Answer {
  key: string;
  api_key: Key;
  api_keys: Key[];
  revoked_keys: Key[];
  kept_keys: Key[];
}

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await AccessFixture.start();
});
afterAll(() => fixture?.stop());

const call = (method: string, path: string, token: string, body?: unknown): Promise<ApiAnswer<Answer>> =>
  fixture.http.api.call<Answer>(method, path, body, bearer(token));
const keysOf = (organizationId: string | null) =>
  organizationId === null ? '/api/admin/api-keys' : `/api/organizations/${organizationId}/api-keys`;
const inAnHour = () => new Date(Date.now() + HOUR_MS).toISOString();
const idsOf = (keys: Key[]) => keys.map(({ id }) => id).toSorted();

/** @returns a key that the holder of a token makes */
async function make(token: string, organizationId: string | null, input: object = {}) {
  const scopes = organizationId === null ? {} : { scopes: ALL };
  const made = await call('POST', keysOf(organizationId), token, { name: 'made', ...scopes, ...input });
  expect(made.status).toBe(200);
  return { ...made.body.api_key, key: made.body.key };
}

describe.each([HOME, null])('a key of %s that ends', (organizationId) => {
  const path = keysOf(organizationId);

  it('makes none that ends later', async () => {
    const end = inAnHour();
    const { key } = await make(ADMIN_KEY, organizationId, { expires_at: end });
    const input = { name: 'later', ...(organizationId !== null && { scopes: ['read'] }) };
    const refused = { status: 403, body: { code: 'expiry_not_held' } };

    expect(await call('POST', path, key, { ...input, expires_at: '2099-01-01T00:00:00Z' })).toMatchObject(
      refused,
    );
    for (const one of [{}, { expires_at: null }]) {
      expect((await call('POST', path, key, { ...input, ...one })).body.api_key.expires_at).toBe(end);
    }
    const sooner = new Date(Date.now() + HOUR_MS / 2).toISOString();
    expect((await call('POST', path, key, { ...input, expires_at: sooner })).body.api_key.expires_at).toBe(
      sooner,
    );
  });

  it('is rotated, by itself or another one that ends, to none that ends later', async () => {
    const end = inAnHour();
    const short = await make(ADMIN_KEY, organizationId, { expires_at: end });
    const endless = await make(ADMIN_KEY, organizationId);
    const refused = { status: 403, body: { code: 'expiry_not_held' } };

    for (const { id } of [short, endless]) {
      const rotate = `${path}/${id}/rotate`;
      expect(await call('POST', rotate, short.key, { expires_at: '2099-01-01T00:00:00Z' })).toMatchObject(
        refused,
      );
      expect((await call('POST', rotate, short.key, {})).body.api_key.expires_at).toBe(end);
    }
  });

  it('makes nobody a member, which would not end', async () => {
    const { key } = await make(ADMIN_KEY, organizationId, { expires_at: inAnHour() });
    const user = randomUUID();
    const member = `/api/organizations/${HOME}/members/${user}`;

    expect(await call('PUT', member, key, { role: 'viewer' })).toMatchObject({
      status: 403,
      body: { code: 'expiry_not_held' },
    });
    expect(await fixture.mayRead(userToken(user))).toBe(false);
  });
});

it('a key of the whole service that ends makes none of an organization that ends later', async () => {
  const end = inAnHour();
  const { key } = await make(ADMIN_KEY, null, { expires_at: end });

  expect((await make(key, HOME)).expires_at).toBe(end);
});

describe('who made a key', () => {
  it('is said by lists and answers', async () => {
    const organizationId = await fixture.organization();
    const owner = await fixture.member(organizationId, 'owner');
    const byUser = await make(userToken(owner), organizationId);
    const byKey = await make(byUser.key, organizationId, { name: 'second' });
    const byAdministrator = await make(ADMIN_KEY, organizationId);
    await fixture.database.sql(
      `insert into api_keys (organization_id, name, prefix, key_hash, scopes)
        values ($1::text, 'old', 'auz_old', sha256($1::text::bytea), '{read}')`,
      [organizationId],
    );
    const user = { kind: 'user', id: owner, name: owner };
    const key = { kind: 'api-key', id: byUser.id, name: 'made' };
    const administrator = { kind: 'administrator', id: 'environment', name: 'ADMIN_API_KEY' };

    expect([byUser.created_by, byKey.created_by, byAdministrator.created_by]).toEqual([
      user,
      key,
      administrator,
    ]);
    const { body } = await call('GET', keysOf(organizationId), userToken(owner));
    expect(body.api_keys.map(({ created_by: maker }) => maker)).toEqual([null, administrator, key, user]);
  });

  it('is who rotated it, and for one that rotates itself who made that', async () => {
    const organizationId = await fixture.organization();
    const owner = await fixture.member(organizationId, 'owner');
    const { id, key } = await make(userToken(owner), organizationId);
    const rotated = await call('POST', `${keysOf(organizationId)}/${id}/rotate`, key, {});
    const again = `${keysOf(organizationId)}/${rotated.body.api_key.id}/rotate`;

    expect(rotated.body.api_key.created_by).toMatchObject({ kind: 'user', id: owner });
    const third = await call('POST', again, ADMIN_KEY, {});
    expect(third).toMatchObject({
      status: 200,
      body: { api_key: { created_by: { kind: 'administrator' } } },
    });
  });

  it('is the operator for a command, which lists it, too', async () => {
    const said = { result: '', note: '' };
    const admin = (...args: string[]) =>
      runAdmin(
        args,
        { NODE_ENV: 'test', ...fixture.http.storeEnvironment },
        { result: (text) => (said.result = text), note: (text) => (said.note = text) },
      );
    await admin('create-key', '--organization', HOME, '--scopes', 'read', '--name', 'by command');
    const { body } = await call('GET', `${keysOf(HOME)}?limit=1`, ADMIN_KEY);
    await admin('list-keys', '--organization', HOME);

    expect(body.api_keys[0]!.created_by).toMatchObject({ kind: 'operator', name: 'command line' });
    expect(said.result).toMatch(/made by[^]*by command[^\n]*operator/);
  });
});

describe('a member who is removed', () => {
  it('takes the own keys along, and those that these made, at once and with their sockets', async () => {
    const organizationId = await fixture.organization();
    const owner = await fixture.member(organizationId, 'owner');
    const stays = await make(ADMIN_KEY, organizationId);
    const first = await make(userToken(owner), organizationId);
    const second = await make(first.key, organizationId);
    const rotated = await call('POST', `${keysOf(organizationId)}/${second.id}/rotate`, second.key, {});
    const ended = [first, second, rotated.body.api_key];
    const client = await listening(fixture, rotated.body.key, organizationId);

    const removed = await call('DELETE', `/api/organizations/${organizationId}/members/${owner}`, ADMIN_KEY);

    expect(removed).toMatchObject({ status: 200, body: { kept_keys: [] } });
    expect(idsOf(removed.body.revoked_keys)).toEqual(idsOf(ended));
    for (const key of [first.key, second.key, rotated.body.key]) {
      expect(await fixture.mayRead(key)).toBe(false);
    }
    expect(await fixture.mayRead(stays.key)).toBe(true);
    await expectEnded(client);
    const audit = await fixture.http.api.call<{ entries: object[] }>(
      'GET',
      `/api/admin/audit?object_type=api-keys&object_id=${second.id}&limit=1`,
      undefined,
      bearer(ADMIN_KEY),
    );
    expect(audit.body.entries).toMatchObject([
      { action: 'api key ended with its maker', actor_id: 'environment', organization_id: organizationId },
    ]);
  });

  it('leaves them where the call says so, which names them', async () => {
    const organizationId = await fixture.organization();
    const owner = await fixture.member(organizationId, 'owner');
    const { id, key } = await make(userToken(owner), organizationId);
    const path = `/api/organizations/${organizationId}/members/${owner}`;

    expect(await call('DELETE', `${path}?keys=maybe`, ADMIN_KEY)).toMatchObject({ status: 400 });
    const { body } = await call('DELETE', `${path}?keys=keep`, ADMIN_KEY);

    expect(body).toMatchObject({ revoked_keys: [], kept_keys: [{ id }] });
    expect(await fixture.mayRead(key)).toBe(true);
  });

  it('is not removed by a key that would end with that', async () => {
    const organizationId = await fixture.organization();
    const owner = await fixture.member(organizationId, 'owner');
    await fixture.member(organizationId, 'owner');
    const { key } = await make(userToken(owner), organizationId);
    const path = `/api/organizations/${organizationId}/members/${owner}`;

    expect(await call('DELETE', path, key)).toMatchObject({ status: 409, body: { code: 'api_key_in_use' } });
    expect(await fixture.mayRead(userToken(owner))).toBe(true);
    expect((await call('DELETE', `${path}?keys=keep`, key)).status).toBe(200);
  });

  it('has no keys in other organizations ended', async () => {
    const [one, other] = [await fixture.organization(), await fixture.organization()];
    const owner = await fixture.member(one, 'owner');
    await fixture.member(other, 'owner', owner);
    const { key } = await make(userToken(owner), other);

    await fixture.do('DELETE', `/api/organizations/${one}/members/${owner}`);

    expect(await fixture.mayRead(key)).toBe(true);
  });
});

describe('a member who may do less than before', () => {
  it('keeps those keys that may do no more', async () => {
    const organizationId = await fixture.organization();
    const owner = await fixture.member(organizationId, 'owner');
    const path = `/api/organizations/${organizationId}/members/${owner}`;
    const manages = await make(userToken(owner), organizationId);
    const sends = await make(userToken(owner), organizationId, { scopes: ['read', 'send'] });
    const reads = await make(manages.key, organizationId, { scopes: ['read'] });

    const agent = await call('PUT', path, ADMIN_KEY, { role: 'agent' });
    expect(idsOf(agent.body.revoked_keys)).toEqual([manages.id]);
    expect(idsOf(agent.body.kept_keys)).toEqual(idsOf([sends, reads]));
    const viewer = await call('PUT', `${path}?keys=keep`, ADMIN_KEY, { role: 'viewer' });
    expect(viewer.body.revoked_keys).toEqual([]);
    expect([await fixture.mayRead(manages.key), await fixture.mayRead(sends.key)]).toEqual([false, true]);
    expect(idsOf((await call('PUT', path, ADMIN_KEY, { role: 'viewer' })).body.revoked_keys)).toEqual([
      sends.id,
    ]);
    expect([await fixture.mayRead(sends.key), await fixture.mayRead(reads.key)]).toEqual([false, true]);
  });
});

describe('a key that is revoked', () => {
  it('takes along what it made, but not what took its place', async () => {
    const first = await make(ADMIN_KEY, HOME);
    const child = await make(first.key, HOME);
    const grandchild = await make(child.key, HOME, { scopes: ['read'] });
    const successor = await call('POST', `${keysOf(HOME)}/${first.id}/rotate`, first.key, {});

    const revoked = await call('DELETE', `${keysOf(HOME)}/${first.id}`, successor.body.key);

    expect(idsOf(revoked.body.revoked_keys)).toEqual(idsOf([child, grandchild]));
    expect([await fixture.mayRead(grandchild.key), await fixture.mayRead(successor.body.key)]).toEqual([
      false,
      true,
    ]);
  });

  it('takes along what was made by the one whose place it took', async () => {
    const first = await make(ADMIN_KEY, HOME);
    const child = await make(first.key, HOME, { scopes: ['read'] });
    const successor = await call('POST', `${keysOf(HOME)}/${first.id}/rotate`, first.key, {});

    const path = `${keysOf(HOME)}/${successor.body.api_key.id}`;
    expect((await call('DELETE', path, ADMIN_KEY)).body.revoked_keys).toMatchObject([{ id: child.id }]);
    expect(await fixture.mayRead(child.key)).toBe(false);
  });

  it('leaves what it made where the call says so', async () => {
    const first = await make(ADMIN_KEY, HOME);
    const child = await make(first.key, HOME, { scopes: ['read'] });

    const { body } = await call('DELETE', `${keysOf(HOME)}/${first.id}?keys=keep`, ADMIN_KEY);

    expect(body).toMatchObject({ revoked_keys: [], kept_keys: [{ id: child.id }] });
    expect(await fixture.mayRead(child.key)).toBe(true);
  });

  it('of the whole service leaves the keys of organizations, unless it is told to end all', async () => {
    const first = await make(ADMIN_KEY, null);
    const child = await make(first.key, null);
    const ofTenant = await make(child.key, HOME, { scopes: ['read'] });

    const one = await call('DELETE', `${keysOf(null)}/${first.id}`, ADMIN_KEY);
    expect(one.body).toMatchObject({ revoked_keys: [{ id: child.id }], kept_keys: [{ id: ofTenant.id }] });
    const all = await call('DELETE', `${keysOf(null)}/${first.id}?keys=all`, ADMIN_KEY);
    expect(all.body).toMatchObject({ revoked_keys: [{ id: ofTenant.id }], kept_keys: [] });
    expect(await fixture.mayRead(ofTenant.key)).toBe(false);
  });

  it('by command takes along what it made, too, and says so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'auzap-outlive-'));
    const first = await make(ADMIN_KEY, HOME);
    const child = await make(first.key, HOME, { scopes: ['read'] });
    let note = '';
    await runAdmin(
      ['revoke-key', first.key],
      { NODE_ENV: 'test', LOG_FILE: join(folder, 'log'), ...fixture.http.storeEnvironment },
      { result: () => undefined, note: (text) => (note += text) },
    );
    await rm(folder, { recursive: true });

    expect(note).toContain(child.key.slice(0, 12));
    expect(await fixture.mayRead(child.key)).toBe(false);
  });

  it('does not end the very key that asks for it', async () => {
    const first = await make(ADMIN_KEY, HOME);
    const child = await make(first.key, HOME);

    expect(await call('DELETE', `${keysOf(HOME)}/${first.id}`, child.key)).toMatchObject({
      status: 409,
      body: { code: 'api_key_in_use' },
    });
    expect(await fixture.mayRead(first.key)).toBe(true);
  });
});
