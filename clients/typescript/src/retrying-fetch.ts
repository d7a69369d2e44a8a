import { AuzapError, retryAfterOf } from './auzap-error.js';
import { backoffMs, delay } from './backoff.js';

/** How a call is tried. */
export interface RetryPolicy {
  fetch: (request: Request) => Promise<Response>;
  retries: number;
  timeoutMs: number;
  /** The caller reads the body piece by piece: it is left alone, and may take longer. */
  isStream?: boolean;
}

/** Asking for these again changes nothing more. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT']);
/** The call was not worked on. */
const NOT_TAKEN = new Set([429]);
/** Nobody knows, or it is not possible for a moment. */
const PASSING = new Set([408, 425, 429, 502, 503, 504]);
/** A caller that has to wait longer is told instead. */
const MAX_WAIT_MS = 60_000;

/**
 * Calls that can be repeated without doing something twice are: reading ones, and those under an `Idempotency-Key`, each try under the
 * same. Waits grow, with chance in them, and are never shorter than `Retry-After`.
 * @returns a `fetch` that answers with the last answer
 * @throws AuzapError `network_error`, `timeout`; the reason of the request's signal
 */
export function retryingFetch(policy: RetryPolicy): (request: Request) => Promise<Response> {
  return async (request) => {
    const isRepeatable = SAFE_METHODS.has(request.method) || request.headers.has('idempotency-key');
    for (let tries = 1; ; tries++) {
      const mayFollow = tries <= policy.retries;
      const outcome = await tryOnce(mayFollow ? request.clone() : request, policy, request.signal);
      const waitMs = waitAfter(outcome, tries);
      const again = outcome instanceof Response ? isRepeatable && PASSING.has(outcome.status) : isRepeatable;
      const isNotTaken = outcome instanceof Response && NOT_TAKEN.has(outcome.status);
      if (!mayFollow || !(again || isNotTaken) || waitMs > MAX_WAIT_MS) {
        return settle(outcome);
      }
      if (outcome instanceof Response) {
        await outcome.body?.cancel();
      }
      await delay(waitMs, request.signal);
    }
  };
}

/** @returns the answer, or why there is none */
async function tryOnce(
  request: Request,
  { fetch, timeoutMs, isStream }: RetryPolicy,
  caller: AbortSignal,
): Promise<Response | AuzapError> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  try {
    const response = await fetch(new Request(request, { signal: AbortSignal.any([caller, limit.signal]) }));
    return isStream && response.ok ? response : await withBody(response);
  } catch (error) {
    caller.throwIfAborted();
    return limit.signal.aborted
      ? new AuzapError('timeout', `The service did not answer within ${timeoutMs} ms.`, { cause: error })
      : new AuzapError('network_error', 'The service can not be reached.', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** JSON is read at once, so that an answer that breaks off counts as none; files and streams are left to the caller. */
async function withBody(response: Response): Promise<Response> {
  if (response.body === null || response.headers.get('content-type')?.includes('json') !== true) {
    return response;
  }
  const { status, statusText, headers } = response;
  return new Response(await response.arrayBuffer(), { status, statusText, headers });
}

function waitAfter(outcome: Response | AuzapError, tries: number): number {
  const asked = outcome instanceof Response ? (retryAfterOf(outcome.headers) ?? 0) : 0;
  const ownMs = backoffMs(tries);
  return asked * 1_000 > ownMs ? asked * 1_000 + ownMs * 0.1 : ownMs;
}

function settle(outcome: Response | AuzapError): Response {
  if (outcome instanceof Response) {
    return outcome;
  }
  throw outcome;
}
