import { AppError } from '../common/app-error.js';

/**
 * The database understood the call and refused it: repeating the same call will fail again. (A database that could not
 * be reached, or did not answer in time, is a `DatabaseUnavailableError`: there the outcome is
 * unknown.)
 */
export class DatabaseRejectedError extends AppError {
  /**
   * @param sqlState SQLSTATE (`23505` …), one of ours (`AZ002`: batch out of order) or PostgREST's (`PGRST…`); may be empty
   * @param detail the database's own words where they quote no values, else empty; for logs, never for callers
   */
  constructor(
    readonly sqlState: string,
    readonly detail: string,
  ) {
    super('database_rejected');
  }
}
