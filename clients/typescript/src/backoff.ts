const BASE_MS = 400;
const MAX_MS = 8_000;

/**
 * @param tries how many have failed so far, from 1
 * @param chance between 0 and 1; clients that failed together do not come again together
 * @returns ms to wait before the next one
 */
export function backoffMs(tries: number, chance = Math.random()): number {
  const full = Math.min(MAX_MS, BASE_MS * 2 ** (tries - 1));
  return full * (0.5 + chance / 2);
}

/**
 * @returns once the time is over
 * @throws the signal's reason as soon as it is aborted
 */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
