/**
 * Waits for work, but not for ever; the work itself goes on.
 * @param timeoutMs in ms
 * @returns the result, or undefined when the time is over
 * @throws what the work throws in time; a later rejection is swallowed
 */
export async function withinTime<Result>(
  work: Promise<Result>,
  timeoutMs: number,
): Promise<Result | undefined> {
  const limit = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => limit.resolve(undefined), timeoutMs);
  try {
    return await Promise.race([work, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
