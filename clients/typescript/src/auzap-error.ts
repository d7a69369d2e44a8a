import type { ErrorDetail } from './generated/events.js';

/** What an answer says of a failure, as far as it says it. */
interface ErrorBody {
  error?: unknown;
  code?: unknown;
  details?: unknown;
  requestId?: unknown;
  oldest?: unknown;
}

/** What is known of a failure. */
export interface AuzapErrorFields {
  /** HTTP status; 0 where there was no answer, and for events. */
  status?: number;
  details?: ErrorDetail[] | undefined;
  requestId?: string | undefined;
  retryAfter?: number | undefined;
  oldest?: number | undefined;
  cause?: unknown;
}

/**
 * A call that failed. Programs go by `code`: those of the service (its `docs/errors.md` has all), and of this client `network_error`,
 * `timeout`, `invalid_answer` and `cursor_failed`.
 */
export class AuzapError extends Error {
  override readonly name = 'AuzapError';
  readonly status: number;
  /** Faults by field; with status 400. */
  readonly details: ErrorDetail[];
  /** Finds the call in the service's log. */
  readonly requestId: string | undefined;
  /** Seconds after which trying again makes sense, where the service says so. */
  readonly retryAfter: number | undefined;
  /** With `events_expired`: sequence of the oldest event that is kept. */
  readonly oldest: number | undefined;

  constructor(
    readonly code: string,
    message: string,
    { status = 0, details = [], requestId, retryAfter, oldest, cause }: AuzapErrorFields = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.details = details;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
    this.oldest = oldest;
  }

  /** @param body what the answer says: parsed JSON, or text where something else than the service answered */
  static ofAnswer(answer: { status: number; headers: Headers }, body: unknown): AuzapError {
    const { status, headers } = answer;
    const said: ErrorBody = typeof body === 'object' && body !== null ? body : {};
    const code = textOr(said.code, `http_${status}`);
    return new AuzapError(code, textOr(said.error, `The call was answered with ${status}.`), {
      status,
      details: Array.isArray(said.details) ? (said.details as ErrorDetail[]) : [],
      requestId: textOr(said.requestId, headers.get('x-request-id') ?? undefined),
      retryAfter: retryAfterOf(headers),
      oldest: numberOf(said.oldest),
    });
  }

  /** @param body of an acknowledgement, an `exception` or a refused handshake */
  static ofSocket(body: unknown): AuzapError {
    const said: ErrorBody = typeof body === 'object' && body !== null ? body : {};
    return new AuzapError(textOr(said.code, 'invalid_answer'), textOr(said.error, 'The service refused.'), {
      details: Array.isArray(said.details) ? (said.details as ErrorDetail[]) : [],
      oldest: numberOf(said.oldest),
    });
  }
}

/** @returns seconds; the header has those, or a date */
export function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) {
    return undefined;
  }
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

function textOr<Other extends string | undefined>(value: unknown, other: Other): string | Other {
  return typeof value === 'string' ? value : other;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
