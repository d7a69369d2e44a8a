/** How long messages may keep the event loop from everything else, in ms. */
const SLICE_MS = 5;

/**
 * Shares the event loop with work that waits for nothing but promises: the loop does not turn for those, and neither
 * sockets nor timers would have their turn for as long as there is something to do.
 */
export class EventLoopYield {
  private turn: Promise<void> | undefined;
  private endsAt = 0;

  /** @returns a promise for the loop's next turn when this one has been used up, else undefined: go on */
  pause(): Promise<void> | undefined {
    const now = performance.now();
    if (!this.turn) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.turn = promise;
      this.endsAt = now + SLICE_MS;
      setImmediate(() => {
        this.turn = undefined;
        resolve();
      });
    }
    return now < this.endsAt ? undefined : this.turn;
  }
}

/** All sessions of the process share its loop. */
export const SHARED_YIELD = new EventLoopYield();
