/** Bounds of the wait between two tries, in ms. */
export interface RetrySchedule {
  /** Before the second try; it doubles with each one. */
  baseMs: number;
  maxMs: number;
}

/**
 * @param failures how many tries failed before this one
 * @param retryAfterMs what the other end asks for; heeded up to the longest wait
 * @param random a number from 0 to below 1
 * @returns how long to wait after another failure, in ms: half of the bound at least, so that none is tried in a hurry, and the rest by
 *   chance, so that many are not tried together
 */
export function retryDelayMs(
  { baseMs, maxMs }: RetrySchedule,
  failures: number,
  retryAfterMs = 0,
  random: () => number = Math.random,
): number {
  const bound = Math.min(baseMs * 2 ** Math.min(failures, 30), maxMs);
  return Math.round(Math.max(bound * (0.5 + random() / 2), Math.min(retryAfterMs, maxMs)));
}

/**
 * @param header `Retry-After` of an answer
 * @param now ms since 1970
 * @returns in ms; undefined where it says nothing that makes sense
 */
export function readRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
