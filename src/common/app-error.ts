/** Level at which an error of a kind belongs in the log: expected client mistakes never show up as errors. */
export type ErrorLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One fault of an input, by the path of the offending field (`''` for the input as a whole). */
export interface ErrorDetail {
  path: string;
  message: string;
}

export interface AppErrorOptions {
  /** Faults by field; shown to the caller. */
  details?: ErrorDetail[];
  cause?: unknown;
}

/**
 * Base of every error that the service raises on purpose. It knows nothing of HTTP, sockets or queues:
 * those translate `code` at their edge. `message` is a sentence that may be shown to a caller.
 */
export abstract class AppError extends Error {
  readonly details: ErrorDetail[] | undefined;

  /**
   * @param code stable machine-readable code in snake_case, part of the public contract
   * @param message one sentence that says what is wrong and what to do; safe to show
   */
  constructor(
    readonly code: string,
    message: string,
    readonly logLevel: ErrorLogLevel,
    options: AppErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.details = options.details;
  }
}

/** The input is malformed or refused; the caller must change it. */
export class InvalidInputError extends AppError {
  constructor(code: string, message: string, options?: AppErrorOptions) {
    super(code, message, 'debug', options);
  }
}

/** The object does not exist, or belongs to another organization: both answer alike. */
export class NotFoundError extends AppError {
  constructor(code: string, message: string, options?: AppErrorOptions) {
    super(code, message, 'debug', options);
  }
}

/** The object exists but is in a state in which the call cannot be done. */
export class InvalidStateError extends AppError {
  constructor(code: string, message: string, options?: AppErrorOptions) {
    super(code, message, 'info', options);
  }
}

/** Nobody, or nobody valid, is calling. */
export class UnauthorizedError extends AppError {
  constructor(code: string, message: string, options?: AppErrorOptions) {
    super(code, message, 'info', options);
  }
}

/** The caller is known and may not do this. */
export class ForbiddenError extends AppError {
  constructor(code: string, message: string, options?: AppErrorOptions) {
    super(code, message, 'info', options);
  }
}

/** Something that this service depends on (database, WhatsApp) failed or did not answer in time. */
export class UpstreamError extends AppError {
  constructor(code: string, message: string, options?: AppErrorOptions) {
    super(code, message, 'error', options);
  }
}
