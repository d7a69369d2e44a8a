export interface BackoffOptions {
  /** Bound of the first wait, which doubles with each failure, in ms. */
  baseMs: number;
  maxMs: number;
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

  /** Forgets all failures. @returns whether there were any */
  reset(): boolean {
    const hadFailures = this.failures > 0;
    this.failures = 0;
    return hadFailures;
  }
}
