import type { Access } from '../../src/auth/principal.js';
import { claimsOf, hmac, tokenOf } from '../support/identity-provider.js';
import { type AccessFixture, ADMIN_KEY, FOREIGN, HOME, userToken } from './access-fixture.js';

/** Callers who are somebody, with what they may do in their organization. */
export type Caller =
  'viewer' | 'agent' | 'owner' | 'readKey' | 'sendKey' | 'homeKey' | 'administrator' | 'adminKey';
export const ALLOWED: Readonly<Record<Caller, readonly Access[]>> = {
  viewer: ['token', 'read', 'user'],
  agent: ['token', 'read', 'send', 'user'],
  owner: ['token', 'read', 'send', 'manage', 'user'],
  readKey: ['token', 'read'],
  sendKey: ['token', 'send'],
  homeKey: ['token', 'read', 'send', 'manage'],
  administrator: ['token', 'read', 'send', 'manage', 'admin'],
  adminKey: ['token', 'read', 'send', 'manage', 'admin'],
};

/** Callers who are nobody, by what is wrong with them. */
type Nobody =
  | 'none'
  | 'garbage'
  | 'unknownKey'
  | 'revokedKey'
  | 'expiredKey'
  | 'wrongSignature'
  | 'algorithmNone'
  | 'publicKeyAsSecret'
  | 'wrongAudience'
  | 'expiredToken'
  | 'endlessToken';

/** Callers of another organization. */
type Foreigner = 'foreignKey' | 'foreignOwner';

/** The tokens of everybody who may call, by who they are. */
export interface Callers {
  callers: Record<Caller, string>;
  foreigners: Record<Foreigner, string>;
  nobodies: Record<Nobody, string | undefined>;
}

/** Makes one caller of each kind. */
export async function makeCallers(fixture: AccessFixture): Promise<Callers> {
  const owner = await fixture.member(HOME, 'owner');
  const callers = {
    viewer: userToken(await fixture.member(HOME, 'viewer')),
    agent: fixture.provider.es256(claimsOf(await fixture.member(HOME, 'agent'))),
    owner: fixture.provider.rs256(claimsOf(owner)),
    readKey: (await fixture.key(HOME, ['read'])).key,
    sendKey: (await fixture.key(HOME, ['send'])).key,
    homeKey: (await fixture.key(HOME)).key,
    administrator: ADMIN_KEY,
    adminKey: (await fixture.key(null)).key,
  };
  const foreigners = {
    foreignKey: (await fixture.key(FOREIGN)).key,
    foreignOwner: userToken(await fixture.member(FOREIGN, 'owner')),
  };
  return { callers, foreigners, nobodies: await makeNobodies(fixture, owner) };
}

/** @param owner whose tokens are spoiled */
async function makeNobodies(fixture: AccessFixture, owner: string): Promise<Callers['nobodies']> {
  const revoked = await fixture.key(HOME);
  await fixture.do('DELETE', `/api/organizations/${HOME}/api-keys/${revoked.id}`);
  const expired = await fixture.key(HOME);
  await fixture.database.sql(`update api_keys set expires_at = now() where id = $1::text::uuid`, [
    expired.id,
  ]);
  return {
    none: undefined,
    garbage: 'garbage',
    unknownKey: `auz_0123abcd_${'x'.repeat(43)}`,
    revokedKey: revoked.key,
    expiredKey: expired.key,
    wrongSignature: userToken(owner, {}, 'a-secret-that-is-not-the-one-of-this-service'),
    algorithmNone: tokenOf({ alg: 'none' }, claimsOf(owner), () => Buffer.alloc(0)),
    publicKeyAsSecret: tokenOf(
      { alg: 'HS256', kid: fixture.provider.rsaId },
      claimsOf(owner),
      hmac(fixture.provider.rsaPem),
    ),
    wrongAudience: userToken(owner, { aud: 'anon' }),
    expiredToken: userToken(owner, { exp: Math.floor(Date.now() / 1000) - 1 }),
    endlessToken: userToken(owner, { exp: undefined }),
  };
}
