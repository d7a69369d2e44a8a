import { ACCESS_ERRORS } from './access-errors.js';
import type { ErrorEntry, ErrorLogLevel, ErrorStatus } from './error-entry.js';
import { INSTANCE_ERRORS } from './instance-errors.js';
import { MEDIA_ERRORS } from './media-errors.js';
import { ORGANIZATION_ERRORS } from './organization-errors.js';
import { PAIRING_ERRORS } from './pairing-errors.js';
import { RECORD_ERRORS } from './record-errors.js';
import { REQUEST_ERRORS } from './request-errors.js';
import { SEND_ERRORS } from './send-errors.js';
import { SERVICE_ERRORS } from './service-errors.js';
import { SOCKET_ERRORS } from './socket-errors.js';

/** The error codes by what they are of. */
export const ERROR_SUBJECTS = {
  Request: REQUEST_ERRORS,
  'Access and limits': ACCESS_ERRORS,
  Organizations: ORGANIZATION_ERRORS,
  Instances: INSTANCE_ERRORS,
  Linking: PAIRING_ERRORS,
  Sending: SEND_ERRORS,
  Records: RECORD_ERRORS,
  Media: MEDIA_ERRORS,
  Sockets: SOCKET_ERRORS,
  Service: SERVICE_ERRORS,
} as const;

const ERRORS = {
  ...REQUEST_ERRORS,
  ...ACCESS_ERRORS,
  ...ORGANIZATION_ERRORS,
  ...INSTANCE_ERRORS,
  ...PAIRING_ERRORS,
  ...SEND_ERRORS,
  ...RECORD_ERRORS,
  ...MEDIA_ERRORS,
  ...SOCKET_ERRORS,
  ...SERVICE_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

/** Every code that this version of the service raises: stable, in snake_case, part of the public contract. */
export type ErrorCode = keyof typeof ERRORS;

/** Every code, in the order of the catalogue. */
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** What passes by itself, and how soon it is worth a new try, in s. */
const RETRY_AFTER_SECONDS: Partial<Record<ErrorStatus, number>> = { 429: 2, 503: 5 };

const LOG_LEVELS: Partial<Record<ErrorStatus, ErrorLogLevel>> = {
  401: 'info',
  403: 'info',
  409: 'info',
  500: 'error',
  503: 'error',
};

/** An entry with nothing left to its status. */
export type KnownError = ErrorEntry & { logLevel: ErrorLogLevel };

/** @returns what there is to know of a code */
export function errorEntry(code: ErrorCode): KnownError {
  const entry: ErrorEntry = ERRORS[code];
  const retryAfterSeconds = entry.retryAfterSeconds ?? RETRY_AFTER_SECONDS[entry.status];
  return {
    ...entry,
    logLevel: entry.logLevel ?? LOG_LEVELS[entry.status] ?? 'debug',
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

/** @returns whether a text is a code of this version; one of another version may be none */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}
