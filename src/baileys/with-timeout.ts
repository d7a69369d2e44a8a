/**
 * Waits for a promise, but not for ever. The promise itself goes on; a later rejection of it is swallowed.
 *
 * @param promise what to wait for
 * @param timeoutMs in ms
 * @param fault makes the error to throw when the time is over
 */
export async function withTimeout<T>(promise: Promise<T>, timeoutMs: number, fault: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(fault()), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
