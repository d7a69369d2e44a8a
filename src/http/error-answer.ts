import { HttpException } from '@nestjs/common';
import {
  AppError,
  type ErrorDetail,
  type ErrorLogLevel,
  ForbiddenError,
  InvalidInputError,
  InvalidStateError,
  NotFoundError,
  UnauthorizedError,
} from '../common/app-error.js';
import {
  isPassing,
  isSendFailure,
  RETRY_SECONDS,
  sendFailure,
  type SendFailureKind,
} from '../common/send-failures.js';
import type { ErrorBody } from './error-body.js';
import { HttpFault } from './http-fault.js';

/** An exception in the words of HTTP. */
export interface ErrorAnswer {
  status: number;
  code: string;
  message: string;
  details?: ErrorDetail[] | undefined;
  headers: Record<string, string>;
  logLevel: ErrorLogLevel;
}

const STATUS_BY_KIND: readonly [abstract new (...args: never[]) => AppError, number][] = [
  [InvalidInputError, 400],
  [UnauthorizedError, 401],
  [ForbiddenError, 403],
  [NotFoundError, 404],
  [InvalidStateError, 409],
];

/** Codes that say more than the kind of the error does. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  database_unavailable: 503,
  fenced: 503,
  instance_busy: 503,
  instance_not_responding: 503,
  send_queue_full: 429,
  shutting_down: 503,
  signing_keys_unavailable: 503,
  pairing_rate_limited: 429,
  too_many_pairings: 429,
  too_many_requests: 429,
};

/** Neither what is decided nor what nobody knows is ever 500, which callers repeat at once. */
const STATUS_BY_SEND_FAILURE: Readonly<Record<SendFailureKind, number>> = {
  recipient: 400,
  refused: 422,
  limited: 429,
  temporary: 503,
  undecided: 409,
  internal: 500,
};

const RETRY_AFTER_SECONDS: Readonly<Record<number, number>> = { 429: 2, 503: 5 };
/** Codes after which waiting takes longer: what people do on their phones, and WhatsApp's own pauses. */
const RETRY_AFTER_BY_CODE: Readonly<Record<string, number>> = {
  pairing_rate_limited: 300,
  too_many_pairings: 15,
};

/** Texts for exceptions that the framework throws: its own messages may repeat the input. */
const FRAMEWORK_FAULTS: Readonly<Record<number, [code: string, message: string]>> = {
  400: ['bad_request', 'The request is malformed.'],
  404: ['route_not_found', 'There is nothing at this address; /api/docs lists what there is.'],
  408: ['request_timeout', 'The request did not arrive in time.'],
  413: ['body_too_large', 'The body is too large.'],
};

const INTERNAL: ErrorAnswer = {
  status: 500,
  code: 'internal_error',
  message: 'Something went wrong on our side. The request id finds it in the log.',
  headers: {},
  logLevel: 'error',
};

/**
 * The one map from errors to HTTP.
 * @param exception whatever was thrown
 * @returns status, code and text to answer with; nothing of an unknown error but a fixed text
 */
export function toErrorAnswer(exception: unknown): ErrorAnswer {
  const answer = answerTo(exception);
  return answer.status === 400 ? { ...answer, details: detailsOf(answer) } : answer;
}

/**
 * @param requestId of the call that failed
 * @returns the body in which an answer is told
 */
export function toErrorBody(
  { message, code, details }: Pick<ErrorAnswer, 'message' | 'code' | 'details'>,
  requestId: string,
): ErrorBody {
  return {
    success: false,
    error: message,
    code,
    requestId,
    ...(details === undefined ? {} : { details }),
  };
}

/** @returns the faults by field; where nobody told them, the fault of the whole */
export function detailsOf({ details, message }: Pick<ErrorAnswer, 'message' | 'details'>): ErrorDetail[] {
  return details !== undefined && details.length > 0 ? details : [{ path: '', message }];
}

function answerTo(exception: unknown): ErrorAnswer {
  if (exception instanceof AppError) {
    return fromAppError(exception);
  }
  if (exception instanceof HttpException) {
    const fault = FRAMEWORK_FAULTS[exception.getStatus()];
    if (fault) {
      return {
        status: exception.getStatus(),
        code: fault[0],
        message: fault[1],
        headers: {},
        logLevel: 'debug',
      };
    }
  }
  return INTERNAL;
}

function fromAppError(error: AppError): ErrorAnswer {
  const status = statusOf(error);
  return {
    status,
    code: error.code,
    message: error.message,
    details: status === 400 ? error.details : undefined,
    headers: headersOf(error, status),
    logLevel: error.logLevel,
  };
}

function statusOf(error: AppError): number {
  if (error instanceof HttpFault) {
    return error.status;
  }
  if (isSendFailure(error.code)) {
    return STATUS_BY_SEND_FAILURE[sendFailure(error.code).kind];
  }
  return STATUS_BY_CODE[error.code] ?? STATUS_BY_KIND.find(([kind]) => error instanceof kind)?.[1] ?? 500;
}

function headersOf(error: AppError, status: number): Record<string, string> {
  if (error instanceof HttpFault) {
    return error.headers;
  }
  if (status === 401) {
    return { 'WWW-Authenticate': 'Bearer realm="auzap"' };
  }
  const kind = isSendFailure(error.code) ? sendFailure(error.code).kind : undefined;
  const seconds =
    kind && isPassing(kind)
      ? RETRY_SECONDS[kind]
      : (RETRY_AFTER_BY_CODE[error.code] ?? RETRY_AFTER_SECONDS[status]);
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) };
}
