import type { ErrorDetail } from '../common/app-error.js';

/** What every failed call answers with, over HTTP. Part of the public contract. */
export interface ErrorBody {
  success: false;
  /** One sentence for people. */
  error: string;
  /** Stable, in snake_case, for programs. */
  code: string;
  /** The same id as in the `x-request-id` header and the log. */
  requestId: string;
  /** Faults by field (`''` for the request as a whole), at least one: with each 400, and with no other. */
  details?: ErrorDetail[];
  /** With `events_expired`, and with no other: sequence of the oldest event that is kept. */
  oldest?: number;
}
