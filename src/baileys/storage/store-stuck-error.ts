import { AppError } from '../../common/app-error.js';

/** A call to the database did not return in its time; its outcome is unknown. */
export class StoreStuckError extends AppError {
  constructor() {
    super('database_unavailable', { message: 'The database did not answer in time.' });
  }
}
