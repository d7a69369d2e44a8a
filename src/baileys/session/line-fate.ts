import { withTimeout } from '../../common/with-timeout.js';

/** What became of dialling: on line, or over for a reason. `until`: it is dialled again by itself then. */
export type Fate = { outcome: 'open' } | { outcome: 'over'; reason: string; until?: Date };

/** Tells those who wait for a session's line what became of it. */
export class LineFate {
  private readonly waiting = new Set<(fate: Fate) => void>();

  /** @returns the next one; undefined when there is none in time */
  async next(timeoutMs: number): Promise<Fate | undefined> {
    const { promise, resolve } = Promise.withResolvers<Fate>();
    this.waiting.add(resolve);
    try {
      return await withTimeout(promise, timeoutMs);
    } finally {
      this.waiting.delete(resolve);
    }
  }

  settle(fate: Fate): void {
    for (const resolve of this.waiting) {
      resolve(fate);
    }
  }
}
