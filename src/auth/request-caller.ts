import type { IncomingMessage } from 'node:http';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { Principal } from './principal.js';

/** Who sent a request, and where the route's permission is theirs. */
export interface RequestCaller {
  principal: Principal;
  scope: OrganizationScope;
}

const callers = new WeakMap<IncomingMessage, RequestCaller>();

/** Remembers who sent a request, for as long as the request lives. */
export function setCallerOf(request: IncomingMessage, caller: RequestCaller): void {
  callers.set(request, caller);
}

/** @returns who sent a request, also one that the guard refused; undefined for nobody, and on public routes */
export function findCallerOf(request: IncomingMessage): RequestCaller | undefined {
  return callers.get(request);
}

/**
 * @param request a request that passed the guard
 * @returns who sent it
 * @throws Error when no guard has seen the request: a route that needs its caller must not be public
 */
export function callerOf(request: IncomingMessage): RequestCaller {
  const caller = callers.get(request);
  if (caller === undefined) {
    throw new Error('a route asks for the caller of a request that was not authenticated');
  }
  return caller;
}
