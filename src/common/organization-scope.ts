/**
 * Whose rows a call may see: those of some organizations (none of them: of nobody), or everybody's (an administrator, or a
 * service in open mode).
 */
export type OrganizationScope = { organizationIds: readonly string[] } | 'all';

/** Text that may be an organization's id. */
export const ORGANIZATION_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;
