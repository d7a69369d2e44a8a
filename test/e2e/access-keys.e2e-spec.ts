import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectEnded, listening } from './access-listener.js';
import { AccessFixture, ADMIN_KEY, HOME } from './access-fixture.js';

let fixture: AccessFixture;
let call: AccessFixture['call'];
beforeAll(async () => {
  fixture = await AccessFixture.start();
  call = fixture.call.bind(fixture);
});
afterAll(() => fixture?.stop());

describe('an API key', () => {
  it('is shown once, and nowhere kept', async () => {
    const { id, key } = await fixture.key(HOME, ['read']);
    const listed = await fixture.do<{ api_keys: { id: string }[] }>(
      'GET',
      `/api/organizations/${HOME}/api-keys`,
    );
    const { rows } = await fixture.database.sql('select k::text as row from api_keys k');

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
    const { id, key } = await fixture.key(HOME);
    const client = await listening(fixture, key);

    await fixture.do('DELETE', `/api/organizations/${HOME}/api-keys/${id}`);

    expect(await fixture.mayRead(key)).toBe(false);
    await expectEnded(client);
    await fixture.do('DELETE', `/api/organizations/${HOME}/api-keys/${id}`); // once more changes nothing
  });

  it('ends with its sockets when its time is over, though nobody says so', async () => {
    const { id, key } = await fixture.key(HOME);
    const client = await listening(fixture, key);

    await fixture.database.sql('update api_keys set expires_at = now() where id = $1::text::uuid', [id]);

    expect(await fixture.mayRead(key)).toBe(false);
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
    const { id, key } = await fixture.key(HOME);
    const rotate = (keyId: string, body?: unknown) =>
      call('POST', `/api/organizations/${HOME}/api-keys/${keyId}/rotate`, ADMIN_KEY, body);

    const first = await rotate(id);
    expect(first).toMatchObject({ status: 200, body: { api_key: { scopes: ['read', 'send', 'manage'] } } });
    expect([await fixture.mayRead(key), await fixture.mayRead(first.body.key)]).toEqual([true, true]);
    expect(await rotate(id)).toMatchObject({ status: 409, body: { code: 'api_key_not_usable' } });

    const client = await listening(fixture, first.body.key);
    const second = await rotate(first.body.api_key.id, { overlap_seconds: 0 });
    expect(await fixture.mayRead(first.body.key)).toBe(false);
    expect(await fixture.mayRead(second.body.key)).toBe(true);
    await expectEnded(client);
  });

  it('keeps note of its last use, once a minute at most', async () => {
    const { id, key } = await fixture.key(HOME);
    const lastUsed = async () =>
      (await fixture.database.sql('select last_used_at from api_keys where id = $1::text::uuid', [id]))
        .rows[0]!['last_used_at'];

    expect(await lastUsed()).toBeNull();
    await fixture.mayRead(key);
    const first = await lastUsed();
    await fixture.mayRead(key);
    expect(first).not.toBeNull();
    expect(await lastUsed()).toEqual(first);
  });

  it('hands on nothing that it does not allow', async () => {
    const { key } = await fixture.key(HOME, ['manage']);
    const { id } = await fixture.key(HOME, ['read', 'send']);
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
    const { id, key } = await fixture.key(organizationId);
    const path = `${organizationId === null ? '/api/admin' : `/api/organizations/${HOME}`}/api-keys/${id}`;

    const inUse = { status: 409, body: { code: 'api_key_in_use' } };
    expect(await call('DELETE', path, key)).toMatchObject(inUse);
    expect(await call('POST', `${path}/rotate`, key, { overlap_seconds: 0 })).toMatchObject(inUse);
    expect(await fixture.mayRead(key)).toBe(true);
    const { body } = await call('POST', `${path}/rotate`, key);
    expect((await call('DELETE', path, body.key)).status).toBe(200);
    expect([await fixture.mayRead(key), await fixture.mayRead(body.key)]).toEqual([false, true]);
  });
});
