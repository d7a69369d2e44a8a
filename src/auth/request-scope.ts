import type { IncomingMessage } from 'node:http';
import type { OrganizationScope } from '../common/organization-scope.js';

const scopes = new WeakMap<IncomingMessage, OrganizationScope>();

/** Remembers what the caller of a request may see, for as long as the request lives. */
export function setScopeOf(request: IncomingMessage, scope: OrganizationScope): void {
  scopes.set(request, scope);
}

/**
 * @param request a request that passed the guard
 * @returns what its caller may see
 * @throws Error when no guard has seen the request: a route that needs a scope must not be public
 */
export function scopeOf(request: IncomingMessage): OrganizationScope {
  const scope = scopes.get(request);
  if (scope === undefined) {
    throw new Error('a route asks for the scope of a request that was not authenticated');
  }
  return scope;
}
