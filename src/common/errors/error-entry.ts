/** Level at which an error belongs in the log: expected client mistakes never show up as errors. */
export type ErrorLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Every HTTP status that an error may be answered with. */
export type ErrorStatus =
  400 | 401 | 403 | 404 | 405 | 406 | 408 | 409 | 410 | 412 | 413 | 415 | 422 | 429 | 431 | 500 | 503;

/**
 * Where an error is shown that no call of REST is answered with.
 * - `socket`: in acknowledgements, `exception` events and `connect_error` of Socket.IO
 * - `command`: by the administrator's commands
 * - `log`: in the log alone
 */
export type ErrorChannel = 'socket' | 'command' | 'log';

/** What there is to know of an error code. The status and the code are part of the public contract. */
export interface ErrorEntry {
  /** HTTP status of the answer. */
  status: ErrorStatus;
  /** One sentence that says what is wrong, safe to show. An error may be thrown with a more specific one. */
  sentence: string;
  /** For the documentation, in one line: when it happens, and what to do about it. */
  when: string;
  /** Where it is shown, unless it is an answer of REST (and of sockets, where they do the same). */
  channel?: ErrorChannel;
  /** Value of `Retry-After`, in s, where it is another than that of the status. */
  retryAfterSeconds?: number;
  /** Level in the log, where it is another than that of the status. */
  logLevel?: ErrorLogLevel;
}
