import { AppError } from '../common/app-error.js';
import { ORGANIZATION_ID_PATTERN, type OrganizationScope } from '../common/organization-scope.js';

/**
 * Which organization a call is about.
 * @param scope what the caller may see
 * @param requested the `organization_id` of the call, if it has one
 * @returns the requested organization where the caller may see it; the caller's own where none was requested and it is the only one
 * @throws AppError `organization_id_required`, when the caller may mean several and does not say which
 * @throws AppError `organization_forbidden`, for any other organization, whether or not it exists
 */
export function organizationOf(scope: OrganizationScope, requested: string | undefined): string {
  if (scope === 'all') {
    if (requested === undefined) {
      throw organizationRequired();
    }
    return requested;
  }
  const [own, ...more] = scope.organizationIds;
  if (requested === undefined && more.length > 0) {
    throw organizationRequired();
  }
  const organizationId = requested ?? own;
  if (organizationId === undefined || !scope.organizationIds.includes(organizationId)) {
    throw new AppError('organization_forbidden');
  }
  return organizationId;
}

/**
 * Narrows a scope to one organization, for lists that may span all of them.
 * @returns the requested organization alone, or the scope as it is where none was requested
 * @throws AppError as `organizationOf`
 */
export function narrowScope(scope: OrganizationScope, requested: string | undefined): OrganizationScope {
  return requested === undefined ? scope : { organizationIds: [organizationOf(scope, requested)] };
}

/**
 * Which organization a path names.
 * @param scope what the caller may see
 * @param id as it is in the path
 * @returns the id
 * @throws AppError `organization_not_found`: another one's answers as one that does not exist
 */
export function organizationInPath(scope: OrganizationScope, id: string): string {
  if (!ORGANIZATION_ID_PATTERN.test(id) || (scope !== 'all' && !scope.organizationIds.includes(id))) {
    throw new AppError('organization_not_found');
  }
  return id;
}

function organizationRequired(): AppError {
  const message = 'Say which organization: organization_id is required.';
  return new AppError('organization_id_required', {
    message,
    details: [{ path: 'organization_id', message: 'is required' }],
  });
}
