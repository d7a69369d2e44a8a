/** Does one task after the other for as long as there is one; after a fault it pauses. */
export class OutboundLoop {
  private isRunning = false;
  private pause: NodeJS.Timeout | undefined;

  /**
   * @param next the task to do now, if there is one
   * @param pauseMs after a task that failed
   * @param onFault told of a task that failed
   */
  constructor(
    private readonly next: () => (() => Promise<void>) | undefined,
    private readonly pauseMs: number,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** To be called whenever there may be something to do. Never throws. */
  wake(): void {
    if (!this.isRunning && !this.pause) {
      void this.run();
    }
  }

  /** Ends a pause without going on. */
  stop(): void {
    clearTimeout(this.pause);
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    try {
      for (let task = this.next(); task; task = this.next()) {
        await task();
      }
    } catch (error) {
      this.onFault(error);
      this.pause = setTimeout(() => this.resume(), this.pauseMs);
    } finally {
      this.isRunning = false;
    }
  }

  private resume(): void {
    this.pause = undefined;
    this.wake();
  }
}
