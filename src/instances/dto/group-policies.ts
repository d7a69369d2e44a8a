import type { GroupPolicy } from '../../common/groups.js';

/** Every policy, for validation and documentation. */
export const GROUP_POLICIES = ['ignore', 'store'] as const satisfies GroupPolicy[];
