import type { HistoryPolicy } from '../../repositories/instance.js';

/** Every policy, for validation and documentation. */
export const HISTORY_POLICIES = ['ignore', 'store', 'contacts'] as const satisfies HistoryPolicy[];
