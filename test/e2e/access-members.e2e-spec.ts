import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainEventBus } from '../../src/common/domain-events.js';
import { expectEnded, expectRemoved, listening, listeningFor } from './access-listener.js';
import { AccessFixture, ADMIN_KEY, HOME, userToken } from './access-fixture.js';

let fixture: AccessFixture;
let call: AccessFixture['call'];
beforeAll(async () => {
  fixture = await AccessFixture.start();
  call = fixture.call.bind(fixture);
});
afterAll(() => fixture?.stop());

describe('the last owner of an organization', () => {
  it('is taken from it by administrators alone', async () => {
    const id = await fixture.organization();
    const owner = await fixture.member(id, 'owner');
    const agent = await fixture.member(id, 'agent');
    const { key } = await fixture.key(id);
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
    const user = await fixture.member(HOME, 'viewer');
    const token = userToken(user);
    const send = async () =>
      (
        await call('POST', `/api/whatsapp/instances/${randomUUID()}/send`, token, {
          to: '5521988776655',
          message: 'x',
        })
      ).status;

    expect(await send()).toBe(403);
    await fixture.member(HOME, 'agent', user);
    expect(await send()).toBe(404);
    await fixture.member(HOME, 'viewer', user);
    expect(await send()).toBe(403);
  });

  it('who is removed hears nothing more', async () => {
    const user = await fixture.member(HOME, 'agent');
    const client = await listening(fixture, userToken(user));

    await fixture.do('DELETE', `/api/organizations/${HOME}/members/${user}`);

    expect(await fixture.mayRead(userToken(user))).toBe(false);
    await expectEnded(client);
  });

  it('of several organizations who is removed from one stays in the other', async () => {
    const other = await fixture.organization();
    const user = await fixture.member(HOME, 'agent');
    await fixture.member(other, 'viewer', user);
    const token = userToken(user);
    const client = await listening(fixture, token);
    await client.call('join-organization', other);

    expect(await call('GET', '/api/messages', token)).toMatchObject({
      status: 400,
      body: { code: 'organization_id_required' },
    });
    await fixture.do('DELETE', `/api/organizations/${HOME}/members/${user}`);

    await expectRemoved(client);
    expect(await client.call('join-organization', HOME)).toMatchObject({ code: 'organization_forbidden' });
    const event = { organizationId: other, sequence: 1, name: 'whatsapp:message' as const };
    fixture.http.app.get(DomainEventBus).emit('events.committed', [
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
    const other = await fixture.organization();
    const user = await fixture.member(HOME, 'agent');
    await fixture.member(other, 'viewer', user);
    const client = await listening(fixture, userToken(user));
    await client.call('join-organization', other);
    const issue = (qr: string) =>
      fixture.http.app
        .get(DomainEventBus)
        .emit('instance.qr_issued', { organizationId: HOME, instanceId: randomUUID(), qr, at: new Date() });

    await fixture.member(HOME, 'owner', user);
    await expect
      .poll(() => {
        issue('for the owner');
        return client.payloads('whatsapp:qr').length;
      })
      .toBeGreaterThan(0);
    await fixture.member(HOME, 'agent', user);
    // What is looked up after this is looked up after that.
    await fixture.do('DELETE', `/api/organizations/${other}/members/${user}`);
    await expectRemoved(client);
    issue('for an owner, who is one no more');
    await client.call('leave-organization', HOME);

    expect(new Set(client.payloads('whatsapp:qr').map(({ qr }) => qr))).toEqual(new Set(['for the owner']));
  });

  it('whose token is past its end is disconnected', async () => {
    const user = await fixture.member(HOME, 'viewer');
    const client = await listeningFor(fixture, 2, user);

    await expectEnded(client);
    expect(client.socket.connected).toBe(false);
  });

  it('who owns manages, in the own organization alone', async () => {
    const other = await fixture.organization();
    const user = await fixture.member(HOME, 'owner');
    await fixture.member(other, 'viewer', user);
    const token = userToken(user);
    const path = (organizationId: string) => `/api/organizations/${organizationId}/members/${randomUUID()}`;

    expect((await call('PUT', path(HOME), token, { role: 'owner' })).status).toBe(202);
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
    const other = await fixture.organization();
    const user = await fixture.member(HOME, 'owner');
    await fixture.member(other, 'owner', user);
    const { instanceId, contactId } = await fixture.conversation(other);
    const { id: keyId } = await fixture.key(other);
    const erasure = await fixture.erasure(other);
    await fixture.deadMessage(instanceId, other);
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

describe('a user who is a member of nothing', () => {
  it('is told so', async () => {
    expect(await call('GET', '/api/messages', userToken(randomUUID()))).toMatchObject({
      status: 403,
      body: { code: 'no_membership' },
    });
  });
});
