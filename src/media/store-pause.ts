import { Backoff, type BackoffOptions } from '../common/backoff.js';

/**
 * While nothing can be stored, nothing is fetched: it would be fetched again. Each time that it still fails after a pause the next one
 * may be longer.
 */
export class StorePause {
  private readonly backoff: Backoff;
  private until = 0;

  /** @param now in ms */
  constructor(
    options: BackoffOptions,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.backoff = new Backoff(options);
  }

  get isOver(): boolean {
    return this.now() >= this.until;
  }

  /**
   * Something could not be stored. Others that were under way at the same time make it no longer.
   * @returns how long it lasts from now, in ms
   */
  begin(): number {
    if (this.isOver) {
      this.until = this.now() + this.backoff.nextDelayMs();
    }
    return this.until - this.now();
  }

  /** Something was stored. */
  end(): void {
    this.backoff.reset();
    this.until = 0;
  }
}
