import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import type { AppConfig, RateLimits as Limits } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import { CallLimits } from './call-limits.js';
import { RateLimits } from './rate-limits.js';
import type { LimitState } from './limit-state.js';

const silent = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
const OFF: Limits = { key: 0, organization: 0, address: 0, failedAuth: 0, signIn: 0 };

/** The token says who it is of: `k1@org-a`, `user@org-a,org-b`; anything without an @ is wrong. */
function principalOf(token: string | undefined): Promise<Principal> {
  const [id, organizations] = token?.split('@') ?? [];
  if (id === undefined || organizations === undefined) {
    return Promise.reject(new AppError('unauthorized'));
  }
  const grants = new Map(organizations.split(',').map((name) => [name, new Set(['read'] as const)]));
  return Promise.resolve({ kind: 'api-key', id, name: id, grants });
}

function limitsOf(limits: Partial<Limits>) {
  const config = { rateLimits: { ...OFF, ...limits }, trustProxy: undefined } as AppConfig;
  const calls = new CallLimits(new RateLimits(config, silent), config);
  const call = async (
    token: string | undefined,
    address = '192.0.2.1',
    authenticate = () => principalOf(token),
  ) => {
    const sender = { headers: {}, socket: { remoteAddress: address } };
    let counted: string[] = [];
    const onCounted = (states: readonly LimitState[]) => {
      counted = states.map(({ name, remaining }) => `${name} ${remaining}`);
    };
    return calls.count(sender, { token, authenticate }, onCounted).then(
      () => counted,
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );
  };
  return { calls, call };
}

describe('CallLimits', () => {
  it('counts a key, and with all others of its organization', async () => {
    const { call } = limitsOf({ key: 2, organization: 3, address: 1 });

    expect(await call('k1@org-a')).toEqual(['key 1', 'organization 2']);
    expect(await call('k1@org-a')).toEqual(['key 0', 'organization 1']);
    expect(await call('k1@org-a')).toMatch(/^rate_limited: Too many calls with this token: 2 a minute/);
    expect(await call('k2@org-a')).toMatch(/^rate_limited: Too many calls for this organization: 3 a/);
    expect(await call('k3@org-b')).toEqual(['key 1', 'organization 2']);
  });

  it('counts a member of several organizations alone', async () => {
    const { call } = limitsOf({ key: 5, organization: 1 });

    expect(await call('user@org-a,org-b')).toEqual(['key 4']);
  });

  it('counts calls without a token by address, and by nothing else', async () => {
    const { call } = limitsOf({ key: 1, address: 1, failedAuth: 1 });

    expect(await call(undefined)).toEqual(['address 0']);
    expect(await call(undefined)).toMatch(/^rate_limited: Too many calls from this address: 1 a minute/);
    expect(await call(undefined, '192.0.2.2')).toEqual(['address 0']);
    expect(await call('k1@org-a')).toEqual(['key 0']);
  });

  it('refuses wrong tokens beyond their limit, and answers a valid one of the same address', async () => {
    const { call } = limitsOf({ key: 100, address: 100, failedAuth: 2 });

    expect(await call('guess-1')).toEqual(['failed-authentication 1']);
    expect(await call('guess-2')).toEqual(['failed-authentication 0']);
    expect(await call('guess-3')).toMatch(
      /^rate_limited: Too many calls with wrong tokens from this address/,
    );
    expect(await call('k1@org-a')).toEqual(['key 99']);
    expect(await call(undefined)).toEqual(['address 99']);
    expect(await call('guess-4', '192.0.2.2')).toEqual(['failed-authentication 1']);
  });

  it('looks few tokens of a guessing address up at a time, and others’ at once', async () => {
    const { call } = limitsOf({ failedAuth: 1 });
    await call('guess');
    await call('guess');
    let underWay = 0;
    let most = 0;
    const slowly = async (): Promise<Principal> => {
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return principalOf(undefined);
    };

    await Promise.all(Array.from({ length: 50 }, () => call('guess', '192.0.2.1', slowly)));
    expect(most).toBe(4);
    await Promise.all(Array.from({ length: 50 }, () => call('guess', '192.0.2.9', slowly)));
    expect(most).toBe(50);
  });

  it('counts a valid token that may do nothing as no guess', async () => {
    const { call } = limitsOf({ address: 9, failedAuth: 9 });
    const closed = () => Promise.reject(new AppError('organization_closed'));

    expect(await call('k1@org-a', undefined, closed)).toEqual(['address 8']);
  });

  it('says that a token could not be checked', async () => {
    const { call } = limitsOf({ address: 9, failedAuth: 9 });
    const away = () => Promise.reject(new AppError('database_unavailable', { message: 'Away.' }));

    expect(await call('k1@org-a', undefined, away)).toBe('database_unavailable: Away.');
  });

  it('limits nothing where all is off', async () => {
    const { call } = limitsOf({});

    expect(await call('guess')).toEqual([]);
    expect(await call('k1@org-a')).toEqual([]);
  });

  it('counts further events of a socket for the same caller', async () => {
    const { calls } = limitsOf({ key: 1 });
    const caller = { address: '192.0.2.1', principalId: 'k1' };

    await calls.countAgain(caller);
    await expect(calls.countAgain(caller)).rejects.toMatchObject({ code: 'rate_limited', status: 429 });
  });
});
