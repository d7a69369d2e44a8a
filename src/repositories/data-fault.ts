import { DatabaseRejectedError } from './database-rejected-error.js';

/** SQLSTATE classes that speak of the values: cardinality, data, integrity, and limits such as an index row's size. */
const VALUE_CLASSES = new Set(['21', '22', '23', '54']);

/**
 * @param err what a repository threw
 * @returns whether the values in the call are at fault, so that other values may pass; a missing function or permission, or
 *   a database that is away, would fail with any values and must not cost a message or a session its place
 */
export function isDataFault(err: unknown): err is DatabaseRejectedError {
  return err instanceof DatabaseRejectedError && VALUE_CLASSES.has(err.sqlState.slice(0, 2));
}
