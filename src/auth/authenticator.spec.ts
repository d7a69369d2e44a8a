import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../common/errors/catalogue.js';
import type { AppConfig } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import { Authenticator } from './authenticator.js';
import { bearerToken } from './bearer-token.js';
import { narrowScope, organizationOf } from './organization-of.js';
import { UserTokens } from './user-tokens.js';

const nothing = {} as never;
const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
const authenticator = (authMode: AppConfig['authMode'], adminApiKey?: string) => {
  const config = { authMode, adminApiKey, supabaseJwtIssuers: [] } as unknown as AppConfig;
  return new Authenticator(config, nothing, nothing, nothing, nothing, new UserTokens(config, logs));
};

describe('Authenticator', () => {
  it.each([undefined, 'anything'])('asks nobody in open mode: %s', async (token) => {
    expect(await authenticator('open').authenticate(token)).toMatchObject({ kind: 'open', grants: 'all' });
  });

  it('knows the administrator', async () => {
    expect(await authenticator('required', 'key').authenticate('key')).toMatchObject({
      kind: 'administrator',
      id: 'environment',
      grants: 'all',
    });
  });

  it.each([
    ['key', undefined],
    ['key', ''],
    ['key', 'kez'],
    ['key', 'key '],
    ['key', 'auz_0123abcd_too-short'],
    [undefined, 'undefined'],
    [undefined, undefined],
  ])('with key %s refuses %s without asking the database', async (key, token) => {
    await expect(authenticator('required', key).authenticate(token)).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });
});

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer   abc ', 'abc'],
    ['Bearer a.b-c_d~e+f/g=', 'a.b-c_d~e+f/g='],
    ['Bearer', undefined],
    ['Bearer a b', undefined],
    ['Basic abc', undefined],
    ['abc', undefined],
    [undefined, undefined],
  ])('finds in %s the token %s', (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
});

const coded = (code: ErrorCode): unknown => expect.objectContaining({ code });

describe('organizationOf', () => {
  const own = { organizationIds: ['mine'] };
  const several = { organizationIds: ['mine', 'ours'] };
  const none = { organizationIds: [] };

  it('gives an administrator what was asked for', () => {
    expect(organizationOf('all', 'theirs')).toBe('theirs');
    expect(() => organizationOf('all', undefined)).toThrow(coded('organization_id_required'));
  });

  it('gives a tenant its own organization, and no other', () => {
    expect(organizationOf(own, undefined)).toBe('mine');
    expect(organizationOf(own, 'mine')).toBe('mine');
    expect(() => organizationOf(own, 'theirs')).toThrow(coded('organization_forbidden'));
  });

  it('asks a member of several organizations which one is meant', () => {
    expect(organizationOf(several, 'ours')).toBe('ours');
    expect(() => organizationOf(several, 'theirs')).toThrow(coded('organization_forbidden'));
    expect(() => organizationOf(several, undefined)).toThrow(coded('organization_id_required'));
    expect(narrowScope(several, undefined)).toEqual(several);
  });

  it.each([undefined, 'theirs'])('gives nobody nothing: %s', (requested) => {
    expect(() => organizationOf(none, requested)).toThrow(coded('organization_forbidden'));
  });

  it('narrows lists', () => {
    expect(narrowScope('all', undefined)).toBe('all');
    expect(narrowScope('all', 'theirs')).toEqual({ organizationIds: ['theirs'] });
    expect(narrowScope(own, undefined)).toEqual(own);
    expect(() => narrowScope(own, 'theirs')).toThrow(coded('organization_forbidden'));
  });
});
