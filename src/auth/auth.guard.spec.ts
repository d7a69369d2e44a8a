import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it, vi } from 'vitest';
import type { Logs } from '../logging/logs.js';
import { Access } from './access.decorator.js';
import { AuthGuard } from './auth.guard.js';
import type { Authenticator } from './authenticator.js';
import type { Access as Level, Permission, Principal } from './principal.js';
import { callerOf } from './request-caller.js';

const error = vi.fn<(fields: object, message: string) => void>();
const logs = { component: () => ({ error }) } as unknown as Logs;

const organizations = (grants: Record<string, Permission[]>): Principal => ({
  kind: 'user',
  id: 'somebody',
  name: 'somebody',
  grants: new Map(Object.entries(grants).map(([id, permissions]) => [id, new Set(permissions)])),
});
const administrator: Principal = { kind: 'administrator', id: 'a', name: 'a', grants: 'all' };
const viewer = organizations({ one: ['read'] });
const mixed = organizations({ one: ['read'], two: ['read', 'send', 'manage'], three: ['read', 'send'] });

async function call(principal: Principal, access: Level | undefined) {
  class Controller {}
  if (access !== undefined) {
    Access(access)(Controller);
  }
  const request = { headers: {} };
  const context = {
    getType: () => 'http',
    getHandler: () => function handler() {},
    getClass: () => Controller,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  const authenticator = { open: () => Promise.resolve({ principal }) } as unknown as Authenticator;
  await new AuthGuard(authenticator, new Reflector(), logs).canActivate(context);
  return access === 'public' ? undefined : callerOf(request as never);
}

describe('AuthGuard', () => {
  it.each<[string, Principal, Level, unknown]>([
    ['an administrator everything', administrator, 'admin', 'all'],
    ['an administrator what tenants do', administrator, 'send', 'all'],
    ['a viewer reading', viewer, 'read', { organizationIds: ['one'] }],
    ['reading in all organizations', mixed, 'read', { organizationIds: ['one', 'two', 'three'] }],
    ['sending where it is allowed', mixed, 'send', { organizationIds: ['two', 'three'] }],
    ['managing where it is allowed', mixed, 'manage', { organizationIds: ['two'] }],
  ])('allows %s', async (_name, principal, access, scope) => {
    expect(await call(principal, access)).toEqual({ principal, scope });
  });

  it.each<[Principal, Level]>([
    [viewer, 'send'],
    [viewer, 'manage'],
    [mixed, 'admin'],
    [organizations({}), 'read'],
  ])('refuses what the caller may do nowhere', async (principal, access) => {
    await expect(call(principal, access)).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it.each<[string, Principal, Level, string]>([
    ['lets in who may do it somewhere', mixed, 'manage', 'allowed'],
    ['refuses who may do it nowhere', viewer, 'manage', 'permission_denied'],
    ['asks nothing for a public one', organizations({}), 'public', 'allowed'],
  ])('of a socket event %s', async (_name, principal, access, outcome) => {
    class Gateway {}
    Access(access)(Gateway);
    const context = {
      getType: () => 'ws',
      getHandler: () => function handler() {},
      getClass: () => Gateway,
      switchToWs: () => ({ getClient: () => ({ data: { principal } }) }),
    } as unknown as ExecutionContext;
    const answer = new AuthGuard({} as Authenticator, new Reflector(), logs).canActivate(context).then(
      () => 'allowed',
      ({ code }: { code: string }) => code,
    );

    expect(await answer).toBe(outcome);
  });

  it('asks nobody on a public route', async () => {
    expect(await call(organizations({}), 'public')).toBeUndefined();
  });

  it('refuses a route that declares nothing, even to an administrator, and logs it as an error', async () => {
    await expect(call(administrator, undefined)).rejects.toMatchObject({ code: 'access_undeclared' });
    expect(error).toHaveBeenCalledWith({ handler: 'Controller.handler' }, expect.any(String));
  });
});
