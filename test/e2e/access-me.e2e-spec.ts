import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AccessFixture, ADMIN_KEY, bearer, FOREIGN, HOME, userToken } from './access-fixture.js';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await AccessFixture.start();
});
afterAll(() => fixture?.stop());

const me = async (token: string) => {
  const { status, body } = await fixture.http.api.call<{ me: object }>(
    'GET',
    '/api/me',
    undefined,
    bearer(token),
  );
  expect(status).toBe(200);
  return body.me;
};

it('tells a member where that may do what, and until when', async () => {
  const userId = await fixture.member(HOME, 'agent');
  const token = userToken(userId);
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { exp: number };

  expect(await me(token)).toEqual({
    kind: 'user',
    id: userId,
    name: userId,
    is_administrator: false,
    organizations: [{ id: HOME, permissions: ['read', 'send'] }],
    expires_at: new Date(exp * 1_000).toISOString(),
  });
});

it('tells a user who is a member of nothing just that', async () => {
  expect(await me(userToken(randomUUID()))).toMatchObject({ kind: 'user', organizations: [] });
});

it('tells a key its scopes, also one that may not read', async () => {
  const { id, key } = await fixture.key(FOREIGN, ['send']);

  expect(await me(key)).toMatchObject({
    kind: 'api-key',
    id,
    is_administrator: false,
    organizations: [{ id: FOREIGN, permissions: ['send'] }],
    expires_at: null,
  });
});

it('tells an administrator that there is no end to it', async () => {
  expect(await me(ADMIN_KEY)).toEqual({
    kind: 'administrator',
    id: 'environment',
    name: expect.any(String),
    is_administrator: true,
    organizations: null,
    expires_at: null,
  });
});
