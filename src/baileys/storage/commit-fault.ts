import { AppError } from '../../common/app-error.js';
import { isDataFault } from '../../repositories/data-fault.js';
import { DatabaseRejectedError } from '../../repositories/database-rejected-error.js';
import { DatabaseUnavailableError } from '../../repositories/database-unavailable-error.js';
import { FencedError } from '../../repositories/fenced-error.js';

/**
 * What a failed commit means. `in_doubt`: it may or may not have happened, repeat it under the same number. `fenced`:
 * the named sessions belong to another process. `out_of_order`: our numbering is lost. `data`: a row can't be stored.
 */
export type CommitFault =
  | { kind: 'in_doubt' }
  | { kind: 'fenced'; instanceIds: string[] }
  | { kind: 'out_of_order' }
  | { kind: 'data' };

/** @param error what the repository threw */
export function readCommitFault(error: unknown): CommitFault {
  if (error instanceof FencedError) {
    return { kind: 'fenced', instanceIds: error.instanceIds };
  }
  if (error instanceof DatabaseRejectedError && error.sqlState === 'AZ002') {
    return { kind: 'out_of_order' };
  }
  return isUnavailable(error) || isRefusalOfAny(error) ? { kind: 'in_doubt' } : { kind: 'data' };
}

/** SQLSTATE classes of a transaction that was rolled back, and may do better later: conflicts, a full disk, locks. */
const ROLLED_BACK = /^(40|53|55)...$/;

/** @returns whether a call that failed is known to have changed nothing */
export function changedNothing(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return typeof code === 'string' && ROLLED_BACK.test(code);
}

/** The database could not be reached, or did not answer in time. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'database_unavailable';
}

/** An answer that came, and that another call might not get: a firewall's, say. */
export function mayBeOfContent(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError ? error.mayRefuseContent : isRefusalOfAny(error);
}

/** A missing right or function, a database that only reads, a fault of the server: not of the values, and it may be mended. */
function isRefusalOfAny(error: unknown): error is DatabaseRejectedError {
  return error instanceof DatabaseRejectedError && !isDataFault(error);
}
