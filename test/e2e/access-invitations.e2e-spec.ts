import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../support/api-client.js';
import { SocketClient } from '../support/socket-client.js';
import { listening } from './access-listener.js';
import { AccessFixture, ADMIN_KEY, bearer, HOME, userToken } from './access-fixture.js';

interface Invitation {
  id: string;
  organization_id: string;
  user_id?: string;
  role: string;
  expires_at: string;
}
interface Answer {
  invitation: Invitation;
  invitations: Invitation[];
  instances: object[];
  members: { user_id: string; role: string }[];
  entries: { action: string; organization_id: string; outcome: string }[];
}

const MINE = '/api/me/invitations';
const DAY_MS = 24 * 3_600_000;

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await AccessFixture.start();
});
afterAll(() => fixture?.stop());

const call = (method: string, path: string, token: string, body?: unknown): Promise<ApiAnswer<Answer>> =>
  fixture.http.api.call<Answer>(method, path, body, bearer(token));
const ofOrganization = (id: string, route: string) => `/api/organizations/${id}/${route}`;
const invite = (organizationId: string, userId: string, token: string, role = 'viewer') =>
  call('PUT', ofOrganization(organizationId, `members/${userId}`), token, { role });
const mine = async (userId: string) => (await call('GET', MINE, userToken(userId))).body.invitations;
const answer = (how: 'accept' | 'decline', id: string, userId: string) =>
  call('POST', `${MINE}/${id}/${how}`, userToken(userId));

/** An organization, its owner, and somebody whom the owner invited. */
async function invited(role = 'viewer', userId: string = randomUUID()) {
  const organizationId = await fixture.organization();
  const owner = userToken(await fixture.member(organizationId, 'owner'));
  const { status, body } = await invite(organizationId, userId, owner, role);
  expect(status).toBe(202);
  return { organizationId, owner, userId, id: body.invitation.id };
}

describe('a user whom an owner wants as a member', () => {
  it('is none until the user accepts', async () => {
    const { organizationId, owner, userId, id } = await invited('agent');
    const token = userToken(userId);
    const path = ofOrganization(organizationId, 'members');

    expect(await call('GET', '/api/organizations', token)).toMatchObject({
      status: 403,
      body: { code: 'no_membership' },
    });
    await expect(SocketClient.connect(fixture.http.url, { auth: { token } })).rejects.toMatchObject({
      data: { code: 'no_membership' },
    });
    expect((await call('GET', path, owner)).body.members.map((one) => one.user_id)).not.toContain(userId);
    const [pending] = await mine(userId);
    expect(pending).toMatchObject({ id, organization_id: organizationId, role: 'agent' });
    expect(Date.parse(pending!.expires_at) - Date.now()).toBeLessThanOrEqual(14 * DAY_MS);

    expect(await answer('accept', id, userId)).toMatchObject({ status: 200, body: { invitation: { id } } });

    expect((await call('GET', '/api/organizations', token)).status).toBe(200);
    expect((await call('GET', path, owner)).body.members).toContainEqual(
      expect.objectContaining({ user_id: userId, role: 'agent' }),
    );
    expect(await mine(userId)).toEqual([]);
    expect(await answer('accept', id, userId)).toMatchObject({
      status: 404,
      body: { code: 'invitation_not_found' },
    });
  });

  it('has calls and lists as before, and hears of the organization from the acceptance on', async () => {
    const home = await fixture.organization();
    const userId = await fixture.member(home, 'owner');
    const token = userToken(userId);
    await fixture.instance(home);
    const client = await listening(fixture, token, home);
    const { organizationId, id } = await invited('owner', userId);
    await fixture.instance(organizationId);
    const instances = async () => (await call('GET', '/api/whatsapp/instances', token)).body.instances;

    expect(await instances()).toHaveLength(1);
    expect((await call('GET', '/api/messages', token)).status).toBe(200);
    expect(await client.call('join-organization', organizationId)).toMatchObject({
      code: 'organization_forbidden',
    });

    await answer('accept', id, userId);

    expect(await instances()).toHaveLength(2);
    await expect
      .poll(() => client.call('join-organization', organizationId))
      .toMatchObject({ success: true });
  });

  it('may decline, and is then not asked again for a while', async () => {
    const { organizationId, owner, userId, id } = await invited();

    expect((await answer('decline', id, userId)).status).toBe(200);

    expect(await mine(userId)).toEqual([]);
    expect(await answer('accept', id, userId)).toMatchObject({ status: 404 });
    expect(await invite(organizationId, userId, owner)).toMatchObject({
      status: 409,
      body: { code: 'invitation_declined' },
    });
    const path = ofOrganization(organizationId, 'invitations');
    expect((await call('GET', path, owner)).body.invitations).toMatchObject([{ id, state: 'declined' }]);
    expect((await call('DELETE', `${path}/${id}`, owner)).status).toBe(404);
  });

  it('alone answers', async () => {
    const { id, userId } = await invited();
    const other = randomUUID();

    for (const how of ['accept', 'decline'] as const) {
      const real = await answer(how, id, other);
      expect(real).toMatchObject({ status: 404, body: { code: 'invitation_not_found' } });
    }
    expect(await mine(other)).toEqual([]);
    expect(await mine(userId)).toHaveLength(1);
    for (const token of [ADMIN_KEY, (await fixture.key(HOME)).key]) {
      expect(await call('GET', MINE, token)).toMatchObject({
        status: 403,
        body: { code: 'permission_denied' },
      });
    }
  });

  it('may leave again, with the own keys, unless it is the last owner', async () => {
    const { organizationId, userId, id } = await invited('owner');
    await answer('accept', id, userId);
    const token = userToken(userId);
    const key = await fixture.http.api.call<{ key: string }>(
      'POST',
      ofOrganization(organizationId, 'api-keys'),
      { name: 'x', scopes: ['read'] },
      bearer(token),
    );
    const path = `/api/me/memberships/${organizationId}`;

    expect((await call('DELETE', path, token)).body).toMatchObject({ revoked_keys: [{}] });
    expect([await fixture.mayRead(token), await fixture.mayRead(key.body.key)]).toEqual([false, false]);
    expect(await call('DELETE', path, token)).toMatchObject({ status: 404 });
    const alone = await fixture.organization();
    const last = await fixture.member(alone, 'owner');
    expect(await call('DELETE', `/api/me/memberships/${alone}`, userToken(last))).toMatchObject({
      status: 409,
      body: { code: 'last_owner' },
    });
  });
});

describe('an invitation', () => {
  it('is seen and withdrawn by owners', async () => {
    const { organizationId, owner, userId, id } = await invited();
    const path = ofOrganization(organizationId, 'invitations');

    expect((await call('GET', path, owner)).body.invitations).toMatchObject([
      { id, user_id: userId, role: 'viewer', state: 'pending', created_by: { kind: 'user' } },
    ]);
    expect((await call('DELETE', `${path}/${id}`, owner)).status).toBe(200);
    expect((await call('DELETE', `${path}/${id}`, owner)).status).toBe(404);
    expect(await mine(userId)).toEqual([]);
    expect((await answer('accept', id, userId)).status).toBe(404);
  });

  it('is one, whoever asks however often, with the role that was said last', async () => {
    const { organizationId, owner, userId, id } = await invited();
    const { key } = await fixture.key(organizationId);

    expect((await invite(organizationId, userId, key, 'owner')).body.invitation).toMatchObject({ id });
    expect(await mine(userId)).toMatchObject([{ id, role: 'owner' }]);
    expect(
      (await call('GET', ofOrganization(organizationId, 'invitations'), owner)).body.invitations,
    ).toEqual([expect.objectContaining({ id })]);
  });

  it('ends by itself', async () => {
    const { organizationId, owner, userId, id } = await invited();
    await fixture.database.sql(
      'update organization_invitations set expires_at = now() where id = $1::text::uuid',
      [id],
    );

    expect(await mine(userId)).toEqual([]);
    expect((await answer('accept', id, userId)).status).toBe(404);
    const path = ofOrganization(organizationId, 'invitations');
    expect((await call('GET', path, owner)).body.invitations).toEqual([]);
    await fixture.database.sql(`select apply_retention(jsonb_build_object('organization_id', $1::text))`, [
      organizationId,
    ]);
    const left = await fixture.database.sql(
      'select 1 from organization_invitations where organization_id = $1::text',
      [organizationId],
    );
    expect(left.rows).toEqual([]);
  });

  it.each([
    [
      'removed',
      ({ organizationId, inviter }: { organizationId: string; inviter: string }) =>
        fixture.do('DELETE', ofOrganization(organizationId, `members/${inviter}`)),
    ],
    [
      'no owner any more',
      ({ organizationId, inviter }: { organizationId: string; inviter: string }) =>
        fixture.do('PUT', ofOrganization(organizationId, `members/${inviter}`), { role: 'agent' }),
    ],
  ])('goes with who invited: %s', async (_, change) => {
    const organizationId = await fixture.organization();
    const inviter = await fixture.member(organizationId, 'owner');
    const userId = randomUUID();
    const { body } = await invite(organizationId, userId, userToken(inviter));

    await change({ organizationId, inviter });

    expect(await mine(userId)).toEqual([]);
    expect((await answer('accept', body.invitation.id, userId)).status).toBe(404);
  });

  it('goes with the key that invited', async () => {
    const organizationId = await fixture.organization();
    const { id, key } = await fixture.key(organizationId);
    const userId = randomUUID();
    await invite(organizationId, userId, key);

    await fixture.do('DELETE', ofOrganization(organizationId, `api-keys/${id}`));

    expect(await mine(userId)).toEqual([]);
  });

  it('goes with a key that took the place of the one that invited', async () => {
    const organizationId = await fixture.organization();
    const { id, key } = await fixture.key(organizationId);
    const userId = randomUUID();
    await invite(organizationId, userId, key);
    const path = ofOrganization(organizationId, `api-keys/${id}/rotate`);
    const rotated = await fixture.http.api.call<{ api_key: { id: string } }>('POST', path, {}, bearer(key));

    expect(await mine(userId)).toHaveLength(1);
    await fixture.do('DELETE', ofOrganization(organizationId, `api-keys/${rotated.body.api_key.id}`));

    expect(await mine(userId)).toEqual([]);
  });

  it('goes with the member whose key invited, also where somebody else rotated that', async () => {
    const organizationId = await fixture.organization();
    const inviter = await fixture.member(organizationId, 'owner');
    const keys = ofOrganization(organizationId, 'api-keys');
    const made = await fixture.http.api.call<{ key: string; api_key: { id: string } }>(
      'POST',
      keys,
      { name: 'x', scopes: ['read', 'send', 'manage'] },
      bearer(userToken(inviter)),
    );
    const userId = randomUUID();
    await invite(organizationId, userId, made.body.key);
    await fixture.do('POST', `${keys}/${made.body.api_key.id}/rotate`, { overlap_seconds: 0 });

    await fixture.do('PUT', ofOrganization(organizationId, `members/${inviter}`), { role: 'owner' });
    expect(await mine(userId)).toHaveLength(1);
    await fixture.do('DELETE', ofOrganization(organizationId, `members/${inviter}`));

    expect(await mine(userId)).toEqual([]);
  });

  it('goes with the organization', async () => {
    const { organizationId, userId, id } = await invited();

    await fixture.do('DELETE', `/api/organizations/${organizationId}`);

    expect(await mine(userId)).toEqual([]);
    expect((await answer('accept', id, userId)).status).toBe(404);
  });

  it('is noted, with its answer, where the organization looks', async () => {
    const { organizationId, owner, userId, id } = await invited();
    await answer('accept', id, userId);

    const { body } = await call('GET', `/api/admin/audit?organization_id=${organizationId}`, owner);
    const [accepted, asked] = body.entries;
    expect(accepted).toMatchObject({
      action: 'POST /api/me/invitations/:id/accept',
      object_id: id,
      actor_id: userId,
      outcome: 'done',
    });
    expect(asked).toMatchObject({
      action: 'PUT /api/organizations/:id/members/:userId',
      details: { userId, role: 'viewer' },
      status: 202,
    });
  });

  it('is nothing to the organization that the user is in already', async () => {
    const home = await fixture.organization();
    const userId = await fixture.member(home, 'viewer');
    const { organizationId, owner, id } = await invited('viewer', userId);
    await answer('accept', id, userId);
    await answer('decline', randomUUID(), userId);
    const entriesOf = async (organization: string, token: string) =>
      (await call('GET', `/api/admin/audit?organization_id=${organization}`, token)).body.entries;

    expect((await entriesOf(organizationId, owner))[0]).toMatchObject({
      action: 'POST /api/me/invitations/:id/accept',
      object_id: id,
    });
    const atHome = await entriesOf(home, ADMIN_KEY);
    expect(atHome.filter(({ action }) => action.includes('/invitations'))).toEqual([]);
  });

  it('is one of a hundred of an organization, and of twenty of a user', async () => {
    const { organizationId, owner, userId } = await invited();
    await fixture.database.sql(
      `insert into organization_invitations (organization_id, user_id, role, created_by, expires_at)
        select $1::text, gen_random_uuid(), 'viewer', '{"kind": "user", "id": "x", "name": "x"}', now() + interval '1 day'
        from generate_series(1, 99)`,
      [organizationId],
    );
    expect(await invite(organizationId, randomUUID(), owner)).toMatchObject({
      status: 409,
      body: { code: 'too_many_invitations' },
    });
    expect((await invite(organizationId, userId, owner, 'agent')).status).toBe(202); // again takes no place

    await fixture.database.sql(
      `with made as (insert into organizations (id) select $1::text || n from generate_series(1, 19) n returning id)
        insert into organization_invitations (organization_id, user_id, role, created_by, expires_at)
        select m.id, $2::text::uuid, 'viewer', '{"kind": "user", "id": "x", "name": "x"}', now() + interval '1 day' from made m`,
      [`${organizationId}-`, userId],
    );
    const other = await fixture.organization();
    const { key } = await fixture.key(other);
    expect(await invite(other, userId, key)).toMatchObject({
      status: 409,
      body: { code: 'user_has_too_many_invitations' },
    });
  });

  it('is not needed for a member whose role changes, nor where an administrator says so', async () => {
    const organizationId = await fixture.organization();
    const owner = await fixture.member(organizationId, 'owner');
    const member = await fixture.member(organizationId, 'viewer');
    const userId = randomUUID();
    await invite(organizationId, userId, userToken(owner));

    expect(await invite(organizationId, member, userToken(owner), 'agent')).toMatchObject({
      status: 200,
      body: { member: { role: 'agent' } },
    });
    expect((await invite(organizationId, userId, ADMIN_KEY, 'agent')).status).toBe(200);
    expect(await mine(userId)).toEqual([]);
    expect(await fixture.mayRead(userToken(userId))).toBe(true);
  });
});
