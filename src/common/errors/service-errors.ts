import type { ErrorEntry } from './error-entry.js';

/** Of the service itself and what it depends on. */
export const SERVICE_ERRORS = {
  internal_error: {
    status: 500,
    sentence: 'Something went wrong on our side. The request id finds it in the log.',
    when: 'A defect of the service: the log has it under the request id.',
  },
  database_rejected: {
    status: 500,
    sentence: 'The database refused the operation.',
    when: 'The database understood the call and refused it, so that repeating does not help: the log says why.',
  },
  database_unavailable: {
    status: 503,
    sentence: 'The database is not available. Try again later.',
    when: 'The database is away, does not answer in time or is in trouble: wait, and look at `/health/ready`.',
  },
  redis_unavailable: {
    status: 503,
    logLevel: 'debug',
    sentence: 'Redis does not answer; try again later.',
    when: 'The page of the queues can not be shown; the service itself goes on without Redis.',
  },
  shutting_down: {
    status: 503,
    logLevel: 'info',
    sentence: 'The service is shutting down; try again in a moment.',
    when: 'The process stops: call again, which reaches another one, or this one once it is back.',
  },
  url_not_allowed: {
    status: 400,
    sentence: 'The URL must lead to a public address.',
    when: 'A URL that the service was to call leads to no web server of the open Internet; the sentence says why.',
  },
  egress_unreachable: {
    status: 422,
    sentence: 'The other end could not be reached.',
    when: 'A URL that the service was to call has no address, or refuses the connection.',
  },
  egress_timeout: {
    status: 422,
    sentence: 'The other end did not answer in time.',
    when: 'A URL that the service was to call did not answer in time.',
  },
  egress_answer_too_large: {
    status: 422,
    sentence: 'The answer is larger than is read.',
    when: 'A URL that the service called answered with more than is read.',
  },
  old_key_in_use: {
    status: 409,
    channel: 'command',
    sentence: 'Some processes do not seal with the new key.',
    when: '`rotate-keys` found processes without the new key: restart them with both, then run it again.',
  },
  values_in_use: {
    status: 409,
    channel: 'command',
    sentence: 'Some values were in use all the time, and an old key may open them. Run this again.',
    when: '`rotate-keys` could not seal what was being written: run it again.',
  },
  key_not_configured: {
    status: 409,
    channel: 'command',
    sentence: 'Some values were sealed by a key that SESSION_ENCRYPTION_KEY does not name.',
    when: '`rotate-keys` found values of a key that it was not given: add it to the end of the list, and run it again.',
  },
  worker_stopped: {
    status: 503,
    channel: 'log',
    logLevel: 'info',
    sentence: 'The message worker of this process does not run.',
    when: 'A job of the queue came while the process stops; another one, or the next start, does its work.',
  },
  inbox_rows_not_closed: {
    status: 409,
    channel: 'log',
    sentence: 'The claimed rows could not be closed.',
    when: 'A defect: the same received messages were claimed and not closed twice. They are tried again with pauses.',
  },
} as const satisfies Record<string, ErrorEntry>;
