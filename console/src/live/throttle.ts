/** While it fails it is tried less and less often, and no less often than this. */
const MAX_PAUSE_MS = 10_000;

/** Runs something at once, and then no more often than it may; what was asked for meanwhile is one run at the end. */
export class Throttle {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isRunning = false;
  private isWanted = false;
  private failures = 0;

  constructor(
    private readonly pauseMs: number,
    private readonly work: () => Promise<void>,
  ) {}

  readonly run = (): void => {
    this.isWanted = true;
    if (!this.isRunning && this.timer === undefined) {
      void this.begin();
    }
  };

  /** What was asked for is not done any more. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isWanted = false;
  }

  private async begin(): Promise<void> {
    this.isWanted = false;
    this.isRunning = true;
    try {
      await this.work();
      this.failures = 0;
    } catch {
      this.failures += 1;
      this.isWanted = true;
    }
    this.isRunning = false;
    const pause = Math.min(this.pauseMs * 2 ** this.failures, MAX_PAUSE_MS);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.isWanted) {
        void this.begin();
      }
    }, pause);
  }
}
