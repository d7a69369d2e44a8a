import { DatabaseRejectedError } from './database-rejected-error.js';
import { DatabaseUnavailableError } from './database-unavailable-error.js';

/** @returns whether the database, or something before it, answers and does not let the service through: waiting does not help */
export function refusesUs(error: unknown): boolean {
  return (
    error instanceof DatabaseRejectedError || (error instanceof DatabaseUnavailableError && error.refusesUs)
  );
}
