import { type ErrorCode, errorEntry, type KnownError } from './errors/catalogue.js';
import type { ErrorLogLevel, ErrorStatus } from './errors/error-entry.js';

/** One fault of an input, by the path of the offending field (`''` for the input as a whole). */
export interface ErrorDetail {
  path: string;
  message: string;
}

export interface AppErrorOptions {
  /** One sentence that says more than the catalogue's, and takes its place; safe to show. */
  message?: string | undefined;
  /** Faults by field; shown to the caller. */
  details?: ErrorDetail[] | undefined;
  /** Of events that are not kept any more: sequence of the oldest that is. */
  oldest?: number | undefined;
  cause?: unknown;
}

/**
 * Every error that the service raises on purpose: what it means, how it is answered and how it is logged follow from its code,
 * which is in the catalogue (`errors/catalogue.ts`). `message` is a sentence that may be shown to a caller.
 */
export class AppError extends Error {
  readonly status: ErrorStatus;
  readonly logLevel: ErrorLogLevel;
  readonly retryAfterSeconds: number | undefined;
  readonly details: ErrorDetail[] | undefined;
  readonly oldest: number | undefined;

  /** @param entry of the catalogue; given by hand for a code of another version alone, see `UnlistedError` */
  constructor(
    readonly code: ErrorCode,
    { message, details, oldest, cause }: AppErrorOptions = {},
    entry: Omit<KnownError, 'when'> = errorEntry(code),
  ) {
    super(message ?? entry.sentence, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.status = entry.status;
    this.logLevel = entry.logLevel;
    this.retryAfterSeconds = entry.retryAfterSeconds;
    this.details = details;
    this.oldest = oldest;
  }
}

/** @returns whether it is an error with one of these codes */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is AppError {
  return error instanceof AppError && codes.includes(error.code);
}

/** @returns whether what a call was about does not exist, or not for this caller */
export function isNotFound(error: unknown): boolean {
  return error instanceof AppError && error.status === 404;
}
