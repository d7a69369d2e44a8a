import { randomUUID } from 'node:crypto';
import * as jose from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsOf, hmac, IdentityProvider, tokenOf } from '../../test/support/identity-provider.js';
import type { AppConfig } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import { UserTokens } from './user-tokens.js';

const SECRET = 'a-shared-secret-of-an-older-project-0123456789';
const USER = randomUUID();
const ISSUER = { iss: 'https://project.example/auth/v1' };
const now = () => Math.floor(Date.now() / 1000);

let provider: IdentityProvider;
beforeAll(async () => {
  provider = await IdentityProvider.start();
});
afterAll(() => provider.stop());

const tokens = (config: Partial<AppConfig>, warn: (fields: object) => void = () => undefined) =>
  new UserTokens(
    { supabaseJwtIssuers: [], ...config } as unknown as AppConfig,
    { component: () => ({ warn }) } as unknown as Logs,
    jose,
  );
const withSecret = () => tokens({ supabaseJwtSecret: SECRET });
const withKeys = () => tokens({ supabaseJwksUrl: provider.url });
const hs256 = (claims: Record<string, unknown>, secret: string | Buffer = SECRET) =>
  tokenOf({ alg: 'HS256' }, claims, hmac(secret));

describe('a valid token', () => {
  it.each<[string, () => UserTokens, () => string]>([
    ['the shared secret', withSecret, () => hs256(claimsOf(USER))],
    ['a provider that names no role', withSecret, () => hs256(claimsOf(USER, { role: undefined }))],
    ['an RSA key', withKeys, () => provider.rs256(claimsOf(USER))],
    ['an elliptic curve', withKeys, () => provider.es256(claimsOf(USER))],
    [
      'the right issuer',
      () => tokens({ supabaseJwtSecret: SECRET, supabaseJwtIssuers: [ISSUER.iss] }),
      () => hs256(claimsOf(USER, ISSUER)),
    ],
    [
      'one of several issuers',
      () => tokens({ supabaseJwtSecret: SECRET, supabaseJwtIssuers: ['https://api.example', ISSUER.iss] }),
      () => hs256(claimsOf(USER, ISSUER)),
    ],
  ])('of %s tells the user and its end', async (_name, verifier, token) => {
    const verified = await verifier().verify(token());

    expect(verified?.userId).toBe(USER);
    expect(verified!.expiresAt.getTime()).toBeGreaterThan(Date.now());
  });
});

describe('a token is refused', () => {
  const claims = () => claimsOf(USER);
  it.each<[string, () => UserTokens, () => string]>([
    ['of another secret', withSecret, () => hs256(claims(), 'another-secret-that-nobody-configured-here')],
    ['of another key', withKeys, () => provider.rs256(claims(), otherKey())],
    ['changed after signing', withSecret, () => hs256(claims()).replace(/\.[^.]+\./, `.${forged()}.`)],
    ['of algorithm none', withSecret, () => tokenOf({ alg: 'none' }, claims(), () => Buffer.alloc(0))],
    ['of algorithm None', withKeys, () => tokenOf({ alg: 'None' }, claims(), () => Buffer.alloc(0))],
    ['signed by the public key', withKeys, () => hs256(claims(), provider.rsaPem)],
    [
      'signed by the public key, where there is a secret too',
      () => tokens({ supabaseJwtSecret: SECRET, supabaseJwksUrl: provider.url }),
      () => tokenOf({ alg: 'HS256', kid: provider.rsaId }, claims(), hmac(provider.rsaPem)),
    ],
    ['of HS512', withSecret, () => tokenOf({ alg: 'HS512' }, claims(), hmac(SECRET))],
    ['with an unknown key id', withKeys, () => provider.rs256(claims(), provider.rsa.privateKey, 'unknown')],
    ['of another audience', withSecret, () => hs256(claimsOf(USER, { aud: 'anon' }))],
    ['of no audience', withSecret, () => hs256(claimsOf(USER, { aud: undefined }))],
    ['of another role', withSecret, () => hs256(claimsOf(USER, { role: 'anon' }))],
    ['past its end', withSecret, () => hs256(claimsOf(USER, { exp: now() - 1 }))],
    ['without an end', withSecret, () => hs256(claimsOf(USER, { exp: undefined }))],
    ['before its time', withSecret, () => hs256(claimsOf(USER, { nbf: now() + 300 }))],
    ['of nobody', withSecret, () => hs256(claimsOf(USER, { sub: undefined }))],
    ['of somebody who is no user', withSecret, () => hs256(claimsOf('service'))],
    [
      'of another issuer',
      () => tokens({ supabaseJwtSecret: SECRET, supabaseJwtIssuers: ['https://other.example/auth/v1'] }),
      () => hs256(claimsOf(USER, ISSUER)),
    ],
    ['where none are configured', () => tokens({}), () => hs256(claims())],
    ['that is no token', withSecret, () => 'abc'],
    ['that is half a token', withSecret, () => 'a.b.c'],
    [
      'with a critical header that is not known',
      withSecret,
      () => tokenOf({ alg: 'HS256', crit: ['x'], x: 1 }, claims(), hmac(SECRET)),
    ],
  ])('%s', async (_name, verifier, token) => {
    expect(await verifier().verify(token())).toBeNull();
  });

  function forged(): string {
    return Buffer.from(JSON.stringify(claimsOf(randomUUID()))).toString('base64url');
  }

  function otherKey() {
    return elsewhere.rsa.privateKey;
  }
  let elsewhere: IdentityProvider;
  beforeAll(async () => {
    elsewhere = await IdentityProvider.start();
  });
  afterAll(() => elsewhere.stop());
});

describe('an issuer that is not known', () => {
  it('is told of once, where the signature is right', async () => {
    const told: object[] = [];
    const config = { supabaseJwtSecret: SECRET, supabaseJwtIssuers: ['https://other.example/auth/v1'] };
    const verifier = tokens(config, (fields) => told.push(fields));
    const forged = hs256(claimsOf(USER, ISSUER), 'another-secret-that-nobody-configured-here');

    expect(await verifier.verify(forged)).toBeNull();
    expect(told).toEqual([]);
    expect(await verifier.verify(hs256(claimsOf(USER, ISSUER)))).toBeNull();
    expect(await verifier.verify(hs256(claimsOf(USER, ISSUER)))).toBeNull();
    expect(told).toEqual([{ issuer: ISSUER.iss, expected: ['https://other.example/auth/v1'] }]);
  });
});

describe('the keys of the provider', () => {
  it('are read once, serve while it is away, and are asked for by whoever can not do without', async () => {
    const own = await IdentityProvider.start();
    const verifier = tokens({ supabaseJwksUrl: own.url });
    own.brokenStatus = 500;
    const valid = own.rs256(claimsOf(USER));

    await expect(verifier.verify(valid)).rejects.toMatchObject({ code: 'signing_keys_unavailable' });
    // At once, without asking again.
    await expect(verifier.verify(valid)).rejects.toMatchObject({ code: 'signing_keys_unavailable' });
    expect(own.fetches).toBe(1);

    const warm = tokens({ supabaseJwksUrl: own.url });
    own.brokenStatus = undefined;
    expect(await warm.verify(valid)).toMatchObject({ userId: USER });
    await own.stop();
    expect(await warm.verify(own.rs256(claimsOf(USER)))).toMatchObject({ userId: USER });
    expect(own.fetches).toBe(2);
  });

  it('are not asked for again and again by unknown key ids', async () => {
    const own = await IdentityProvider.start();
    const verifier = tokens({ supabaseJwksUrl: own.url });
    await verifier.verify(own.rs256(claimsOf(USER)));
    const rotated = own.rotate();

    for (let i = 0; i < 5; i++) {
      expect(await verifier.verify(rotated(claimsOf(USER)))).toBeNull();
    }
    expect(own.fetches).toBe(1);
    await own.stop();
  });
});
