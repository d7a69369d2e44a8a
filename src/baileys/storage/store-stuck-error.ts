import { UpstreamError } from '../../common/app-error.js';

/** A call to the database did not return in its time; its outcome is unknown. */
export class StoreStuckError extends UpstreamError {
  constructor() {
    super('database_unavailable', 'The database did not answer in time.');
  }
}
