import { AppError } from '../common/app-error.js';
import { isSqlState } from './sql-state.js';

/** What an answer was, where there was one. */
export interface UnavailableAnswer {
  /** HTTP status; 0 when no answer came. */
  httpStatus: number;
  /** SQLSTATE, or PostgREST's or the gateway's own code; empty where the answer has none. */
  answerCode: string;
}

/** Statuses that speak of load or of a moment, not of whoever asks. */
const PASSING_STATUSES = new Set([408, 425, 429]);
/** The project is paused: Supabase's own status. */
const PAUSED_STATUS = 540;
/** What firewalls and gateways answer to a body that they do not like, by its content or its size. */
const CONTENT_STATUSES = new Set([400, 403, 405, 406, 413, 415, 418, 422, 431, 451, 501]);

/**
 * The database gave no verdict: it could not be reached, did not answer in time, is in trouble, or something before it
 * refused the call. Whether the call took effect is unknown, and the same call may pass later.
 */
export class DatabaseUnavailableError extends AppError {
  readonly httpStatus: number;
  readonly answerCode: string;

  /** @param cause what the client reported; for the log alone */
  constructor({ httpStatus, answerCode }: UnavailableAnswer, cause?: unknown) {
    super('database_unavailable', { cause });
    this.httpStatus = httpStatus;
    this.answerCode = answerCode;
  }

  /** Something before the database answers, and does not let the service through: a key, a quota, an address, a firewall. */
  get refusesUs(): boolean {
    const { httpStatus } = this;
    const isRefusal = httpStatus >= 300 && httpStatus < 500 && !PASSING_STATUSES.has(httpStatus);
    return !isSqlState(this.answerCode) && (isRefusal || httpStatus === PAUSED_STATUS);
  }

  /** It may be what is in the call that is not let through: another call may pass. */
  get mayRefuseContent(): boolean {
    return CONTENT_STATUSES.has(this.httpStatus) && this.answerCode === '';
  }
}
