import { WINDOW_SECONDS } from './bucket.js';
import { type LimitState, tightest } from './limit-state.js';

/**
 * The headers of the IETF draft (`RateLimit-Policy`, `RateLimit`: every limit that counted the call), and those of its earlier
 * versions that most clients read: the limit that ends first.
 * @returns none where nothing is limited
 */
export function rateHeaders(states: readonly LimitState[]): Record<string, string> {
  const first = tightest(states);
  if (first === undefined) {
    return {};
  }
  const list = (fields: (state: LimitState) => string) =>
    states.map((state) => `"${state.name}";${fields(state)}`).join(', ');
  return {
    'RateLimit-Policy': list(({ limit }) => `q=${limit};w=${WINDOW_SECONDS}`),
    RateLimit: list(({ remaining, resetSeconds }) => `r=${remaining};t=${resetSeconds}`),
    'RateLimit-Limit': String(first.limit),
    'RateLimit-Remaining': String(first.remaining),
    'RateLimit-Reset': String(first.resetSeconds),
  };
}
