export interface CircuitBreakerOptions {
  /** So many failures … */
  failures: number;
  /** … within this time open it, in ms. */
  windowMs: number;
}

/** Tells failures that keep coming from those that pass. Once open it stays so until `reset`. */
export class CircuitBreaker {
  private readonly failedAt: number[] = [];
  private open = false;

  constructor(private readonly options: CircuitBreakerOptions) {}

  get isOpen(): boolean {
    return this.open;
  }

  /** @returns whether this failure opened it */
  failed(): boolean {
    const now = Date.now();
    this.failedAt.push(now);
    while (this.failedAt[0]! <= now - this.options.windowMs) {
      this.failedAt.shift();
    }
    if (this.open || this.failedAt.length < this.options.failures) {
      return false;
    }
    this.open = true;
    return true;
  }

  reset(): void {
    this.open = false;
    this.failedAt.length = 0;
  }
}
