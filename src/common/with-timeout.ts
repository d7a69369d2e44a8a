/**
 * Waits for work, but not for ever. The work itself goes on; a later rejection of it is swallowed.
 *
 * @param work what to wait for
 * @param timeoutMs in ms
 * @returns what the work gives; undefined when the time is over
 * @throws what the work throws in time
 */
export function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined>;
/**
 * As above, but fails when the time is over.
 *
 * @param fault makes the error to throw then
 * @param signal ends the wait early
 * @throws what the work throws in time, what `fault` makes, or the signal's reason
 */
export function withTimeout<T>(
  work: Promise<T>,
  timeoutMs: number,
  fault: () => Error,
  signal?: AbortSignal,
): Promise<T>;
export async function withTimeout<T>(
  work: Promise<T>,
  timeoutMs: number,
  fault?: () => Error,
  signal?: AbortSignal,
): Promise<T | undefined> {
  // Perhaps no one listens any more, or yet, when it rejects.
  work.catch(() => undefined);
  const limit = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => (fault ? limit.reject(fault()) : limit.resolve(undefined)), timeoutMs);
  const onAbort = () => limit.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    return await Promise.race([work, limit.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
