/**
 * @param inner the `fetch` that does the work
 * @param timeoutMs bound of every call, its answer's head included
 * @returns a `fetch` that gives up after that time, or earlier when the caller's signal says so
 */
export function timedFetch(inner: typeof fetch, timeoutMs: number): typeof fetch {
  return (input, init = {}) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
    return inner(input, { ...init, signal });
  };
}
