import type { ApiKeyGrant } from '../repositories/api-key.js';
import type { Membership } from '../repositories/members.repository.js';
import type { Role } from '../repositories/role.js';
import type { Permission, Principal } from './principal.js';

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read'],
  agent: ['read', 'send'],
  owner: ['read', 'send', 'manage'],
};

/** @returns what a member of this role may do */
export function permissionsOf(role: Role): readonly Permission[] {
  return PERMISSIONS[role];
}

/** @returns the caller behind a key */
export function principalOfKey(key: ApiKeyGrant): Principal {
  const { id, name, organizationId, expiresAt } = key;
  const grants =
    organizationId === null
      ? 'all'
      : new Map([[organizationId, new Set(key.scopes.filter((scope) => scope !== 'admin'))]]);
  return { kind: 'api-key', id, name, grants, ...(expiresAt && { expiresAt }) };
}

/**
 * @param userId who
 * @param memberships of that user; those in closed organizations allow nothing
 * @param expiresAt when the token ends
 */
export function principalOfUser(
  userId: string,
  memberships: readonly Membership[],
  expiresAt: Date,
): Principal {
  const grants = new Map(
    memberships
      .filter(({ isClosed }) => !isClosed)
      .map(({ organizationId, role }) => [organizationId, new Set(permissionsOf(role))]),
  );
  return { kind: 'user', id: userId, name: userId, grants, expiresAt };
}

/** @returns whether a caller may hand these permissions on: nobody gives what they do not hold */
export function holdsAll(
  { grants }: Principal,
  organizationId: string,
  permissions: readonly Permission[],
): boolean {
  return grants === 'all' || permissions.every((permission) => grants.get(organizationId)?.has(permission));
}
