const FIRST_MS = 250;
const CAP_MS = 10_000;

/** Waiting times between repeated failures: doubling, capped, and spread so that processes don't return in step. */
export class Backoff {
  private failures = 0;

  /** @param random a number from 0 to 1, exclusive */
  constructor(private readonly random: () => number = Math.random) {}

  /** Counts a failure. @returns how long to wait, in milliseconds */
  next(): number {
    const full = Math.min(CAP_MS, FIRST_MS * 2 ** this.failures);
    this.failures = Math.min(this.failures + 1, 16);
    return Math.round(full / 2 + (this.random() * full) / 2);
  }

  /** Forgets all failures. @returns whether there were any */
  reset(): boolean {
    const hadFailures = this.failures > 0;
    this.failures = 0;
    return hadFailures;
  }
}
