/**
 * Waits for a promise, but not for ever. The promise itself goes on; a later rejection of it is swallowed.
 *
 * @param promise what to wait for
 * @param timeoutMs in ms
 * @param fault makes the error to throw when the time is over
 * @param signal ends the wait early, with its reason
 */
export async function withTimeout<T>(
  promise: Promise<T>,
  timeoutMs: number,
  fault: () => Error,
  signal?: AbortSignal,
): Promise<T> {
  // Nobody may be listening any more, or yet, when it rejects.
  promise.catch(() => undefined);
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(fault()), timeoutMs);
  const onAbort = () => limit.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    return await Promise.race([promise, limit.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
