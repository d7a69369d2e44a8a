import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectEnded, listening } from './access-listener.js';
import { AccessFixture, ADMIN_KEY, userToken } from './access-fixture.js';

let fixture: AccessFixture;
let call: AccessFixture['call'];
beforeAll(async () => {
  fixture = await AccessFixture.start();
  call = fixture.call.bind(fixture);
});
afterAll(() => fixture?.stop());

describe('an organization', () => {
  it('is made once, renamed and listed', async () => {
    const id = await fixture.organization();
    const path = `/api/organizations/${id}`;

    expect(await call('POST', '/api/organizations', ADMIN_KEY, { id })).toMatchObject({
      status: 409,
      body: { code: 'organization_exists' },
    });
    expect(await call('PATCH', path, ADMIN_KEY, { name: ' Sol ' })).toMatchObject({
      status: 200,
      body: { organization: { id, name: 'Sol', closed_at: null } },
    });
    const { key } = await fixture.key(id, ['read']);
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
    const id = await fixture.organization();
    const path = `/api/organizations/${id}`;
    const { key } = await fixture.key(id);
    const user = await fixture.member(id, 'owner');
    const { instanceId } = await fixture.conversation(id);
    const removed = await fixture.instance(id);
    await fixture.do('DELETE', `/api/whatsapp/instances/${removed}`);
    const byKey = await listening(fixture, key, id);
    const byUser = await listening(fixture, userToken(user), id);

    expect(await call('DELETE', path, ADMIN_KEY)).toMatchObject({ status: 200, body: { success: true } });

    await Promise.all([expectEnded(byKey), expectEnded(byUser)]);
    expect((await call('GET', '/api/messages', key)).status).toBe(401);
    expect(fixture.http.sessions.calls).toContainEqual({
      name: 'logOut',
      instanceId,
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

describe('an organization at a bound', () => {
  let id: string;
  beforeEach(async () => {
    id = await fixture.organization();
  });
  const fill = (text: string) => fixture.database.sql(text, [id]);
  const path = (rest: string) => `/api/organizations/${id}/${rest}`;

  it('takes no further member, and changes those that it has', async () => {
    await fill(
      'insert into organization_members (organization_id, user_id) select $1::text, gen_random_uuid() from generate_series(1, 999)',
    );
    const last = await fixture.member(id, 'agent');

    expect(await call('PUT', path(`members/${randomUUID()}`), ADMIN_KEY, { role: 'viewer' })).toMatchObject({
      status: 409,
      body: { code: 'too_many_members', error: expect.stringContaining('1000') },
    });
    await fixture.member(id, 'viewer', last);
    await fixture.do('DELETE', path(`members/${last}`));
    await fixture.member(id, 'viewer');
  });

  it('takes no further API key until one has ended', async () => {
    await fill(
      `insert into api_keys (organization_id, name, prefix, key_hash, scopes)
        select $1::text, 'x', 'auz_x', decode(md5($1::text || n), 'hex'), '{read}' from generate_series(1, 99) n`,
    );
    const { id: last } = await fixture.key(id);
    const create = () => call('POST', path('api-keys'), ADMIN_KEY, { name: 'x', scopes: ['read'] });
    const rotate = (body: object) => call('POST', path(`api-keys/${last}/rotate`), ADMIN_KEY, body);

    const tooMany = { status: 409, body: { code: 'too_many_api_keys' } };
    expect(await create()).toMatchObject(tooMany);
    expect(await rotate({})).toMatchObject(tooMany);
    const { status, body } = await rotate({ overlap_seconds: 0 });
    expect(status).toBe(200);
    await fixture.do('DELETE', path(`api-keys/${body.api_key.id}`));
    expect((await create()).status).toBe(200);
  });

  it('takes no further instance, and brings no deleted one back', async () => {
    const deleted = await fixture.instance(id);
    await fixture.do('DELETE', `/api/whatsapp/instances/${deleted}`);
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
