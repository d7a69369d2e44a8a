import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import type { Logger } from 'pino';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { Logs } from '../logging/logs.js';
import { authenticateOnce } from './authenticate-once.js';
import { Authenticator } from './authenticator.js';
import { bearerToken } from './bearer-token.js';
import { accessOf } from './access-declaration-check.js';
import { setCallerOf } from './request-caller.js';
import { type Access, knownTo, type Principal, scopeFor } from './principal.js';

/** Lets nobody into a route or socket event who may nowhere do what it declares by `@Access`. */
@Injectable()
export class AuthGuard implements CanActivate {
  private readonly log: Logger;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
    logs: Logs,
  ) {
    this.log = logs.component('auth');
  }

  /**
   * @throws AppError `unauthorized`, when the caller is not valid
   * @throws AppError `permission_denied`, when the caller may not do this anywhere; `access_undeclared`, for a route
   *   that does not say who may call it
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = accessOf(this.reflector, context.getHandler(), context.getClass());
    if (access === undefined) {
      this.log.error(
        { handler: `${context.getClass().name}.${context.getHandler().name}` },
        'route without declared access',
      );
      throw new AppError('access_undeclared');
    }
    if (access === 'public') {
      return true;
    }
    if (access === 'user' || access === 'token') {
      const { kind } = await this.callerOf(context);
      if (access === 'user' && kind !== 'user') {
        throw new AppError('permission_denied', {
          message: 'This is for users: it needs the token of one who logged in.',
        });
      }
      return true;
    }
    const scope = await this.scopeOf(context, access);
    if (scope !== 'all' && scope.organizationIds.length === 0) {
      throw new AppError('permission_denied', {
        message: `The token does not allow this: it needs the permission "${access}".`,
      });
    }
    return true;
  }

  /** Of routes that are about the caller alone, whatever that is a member of. */
  private async callerOf(context: ExecutionContext): Promise<Principal> {
    const request = context.switchToHttp().getRequest<Request>();
    const token = bearerToken(request.headers.authorization);
    const principal = await authenticateOnce(this.authenticator, request, token, { isAnyUser: true });
    setCallerOf(request, { principal, scope: knownTo(principal) });
    return principal;
  }

  /** Where the caller holds what is asked for. Sockets were authenticated at the handshake. */
  private async scopeOf(
    context: ExecutionContext,
    access: Exclude<Access, 'user' | 'token' | 'public'>,
  ): Promise<OrganizationScope> {
    if (context.getType() === 'ws') {
      const { data } = context.switchToWs().getClient<{ data: { principal: Principal } }>();
      return scopeFor(data.principal, access);
    }
    const request = context.switchToHttp().getRequest<Request>();
    const principal = await authenticateOnce(
      this.authenticator,
      request,
      bearerToken(request.headers.authorization),
    );
    const scope = scopeFor(principal, access);
    setCallerOf(request, { principal, scope });
    return scope;
  }
}
