/** An error that nobody waits for goes where uncaught ones go: the console of a browser, the end of a Node process. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
