import { ForbiddenError, InvalidInputError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';

/**
 * Which organization a call is about.
 * @param scope what the caller may see
 * @param requested the `organization_id` of the call, if it has one
 * @returns the requested organization where the caller may see it; the caller's own where none was requested
 * @throws InvalidInputError `organization_id_required`, when an administrator does not say which
 * @throws ForbiddenError `organization_forbidden`, for any other organization, whether or not it exists
 */
export function organizationOf(scope: OrganizationScope, requested: string | undefined): string {
  if (scope === 'all') {
    if (requested === undefined) {
      const details = [{ path: 'organization_id', message: 'is required' }];
      throw new InvalidInputError(
        'organization_id_required',
        'Say which organization: organization_id is required.',
        {
          details,
        },
      );
    }
    return requested;
  }
  if (requested !== undefined && requested !== scope.organizationId) {
    throw new ForbiddenError('organization_forbidden', 'The token does not belong to this organization.');
  }
  return scope.organizationId;
}

/**
 * Narrows a scope to one organization, for lists that may span all of them.
 * @returns the requested organization alone, or the scope as it is where none was requested
 * @throws ForbiddenError as `organizationOf`
 */
export function narrowScope(scope: OrganizationScope, requested: string | undefined): OrganizationScope {
  return requested === undefined ? scope : { organizationId: organizationOf(scope, requested) };
}
