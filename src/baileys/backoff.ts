export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** A connection that held for so long starts counting anew, in ms. */
  stableMs: number;
}

/** Exponential backoff with full jitter: any time between nothing and the growing bound. */
export class Backoff {
  private failures = 0;

  /** @param random a number from 0 to below 1 */
  constructor(
    private readonly options: BackoffOptions,
    private readonly random: () => number = Math.random,
  ) {}

  /** @returns how long to wait before the next try, in ms */
  nextDelayMs(): number {
    const bound = Math.min(this.options.baseMs * 2 ** Math.min(this.failures, 30), this.options.maxMs);
    this.failures += 1;
    return Math.round(this.random() * bound);
  }

  /** @param openMs how long the connection was open that ended now */
  connectionEnded(openMs: number): void {
    if (openMs >= this.options.stableMs) {
      this.failures = 0;
    }
  }

  reset(): void {
    this.failures = 0;
  }
}
