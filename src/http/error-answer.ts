import { HttpException } from '@nestjs/common';
import { AppError, type ErrorDetail } from '../common/app-error.js';
import type { ErrorCode } from '../common/errors/catalogue.js';
import type { ErrorLogLevel } from '../common/errors/error-entry.js';
import type { ErrorBody } from './error-body.js';
import { HttpFault } from './http-fault.js';

/** An exception in the words of HTTP. */
export interface ErrorAnswer {
  status: number;
  code: string;
  message: string;
  details?: ErrorDetail[] | undefined;
  oldest?: number | undefined;
  headers: Record<string, string>;
  logLevel: ErrorLogLevel;
}

/** Codes for exceptions that the framework throws, by their status: its own messages may repeat the input. */
const FRAMEWORK_FAULTS: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  404: 'route_not_found',
  408: 'request_timeout',
  413: 'body_too_large',
};

/**
 * The one map from errors to HTTP.
 * @param exception whatever was thrown
 * @returns status, code and text to answer with; nothing of an unknown error but a fixed text
 */
export function toErrorAnswer(exception: unknown): ErrorAnswer {
  const error = toAppError(exception);
  const { status, code, message, oldest, logLevel } = error;
  const answer = { status, code, message, oldest, headers: headersOf(error), logLevel };
  return status === 400 ? { ...answer, details: detailsOf(error) } : answer;
}

/**
 * @param requestId of the call that failed
 * @returns the body in which an answer is told
 */
export function toErrorBody(
  { message, code, details, oldest }: Pick<ErrorAnswer, 'message' | 'code' | 'details' | 'oldest'>,
  requestId: string,
): ErrorBody {
  return {
    success: false,
    error: message,
    code,
    requestId,
    ...(details === undefined ? {} : { details }),
    ...(oldest === undefined ? {} : { oldest }),
  };
}

/** @returns the faults by field; where nobody told them, the fault of the whole */
function detailsOf({ details, message }: AppError): ErrorDetail[] {
  return details !== undefined && details.length > 0 ? details : [{ path: '', message }];
}

function toAppError(exception: unknown): AppError {
  if (exception instanceof AppError) {
    return exception;
  }
  const code = exception instanceof HttpException ? FRAMEWORK_FAULTS[exception.getStatus()] : undefined;
  return new AppError(code ?? 'internal_error');
}

function headersOf(error: AppError): Record<string, string> {
  const { status, retryAfterSeconds } = error;
  return {
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer realm="auzap"' }),
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    ...(error instanceof HttpFault && error.headers),
  };
}
