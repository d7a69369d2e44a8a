import type { OrganizationScope } from '../common/organization-scope.js';

/** What a caller may do with an organization's data. */
export type Permission = 'read' | 'send' | 'manage';

/**
 * What a route asks of its caller: a permission, the whole service, to be a user whoever that is a member of, a valid token whatever
 * it allows, or nothing.
 */
export type Access = Permission | 'admin' | 'user' | 'token' | 'public';

/** Who is calling, and what that allows. */
export interface Principal {
  kind: 'open' | 'administrator' | 'api-key' | 'user' | 'operator';
  /** Names the caller in logs and limits: `open`, `environment` (ADMIN_API_KEY), the id of the key or of the user. */
  id: string;
  /** For people to read. */
  name: string;
  /** `all`: the whole service. Otherwise what is allowed in each organization; nothing in any other. */
  grants: 'all' | ReadonlyMap<string, ReadonlySet<Permission>>;
  /** When the token that was sent ends; absent for one that does not. */
  expiresAt?: Date;
}

/**
 * @param access what a route asks for
 * @returns the organizations in which the caller holds that; none of them when the caller may not call the route at all
 */
export function scopeFor({ grants }: Principal, access: Permission | 'admin'): OrganizationScope {
  if (grants === 'all') {
    return 'all';
  }
  const holding = [...grants].filter(([, permissions]) => access !== 'admin' && permissions.has(access));
  return { organizationIds: holding.map(([organizationId]) => organizationId) };
}

/** @returns the organizations in which the caller may do anything at all */
export function knownTo({ grants }: Principal): OrganizationScope {
  return grants === 'all' ? 'all' : { organizationIds: [...grants.keys()] };
}
