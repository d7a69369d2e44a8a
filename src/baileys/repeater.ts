/** Does a task again and again: never twice at the same time, at random intervals, and at once when asked to. */
export class Repeater {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isAskedFor = false;
  private isStopped = false;

  /**
   * @param task must not reject
   * @param intervalMs between two starts of it; four fifths to six fifths of it at random, in ms
   */
  constructor(
    private readonly task: () => Promise<void>,
    private readonly intervalMs: number,
  ) {}

  /** Does it now, or once more when it is being done. @returns settles when it was done */
  soon(): Promise<void> {
    if (this.running) {
      this.isAskedFor = true;
    } else if (!this.isStopped) {
      clearTimeout(this.timer);
      this.running = this.run();
    }
    return this.running ?? Promise.resolve();
  }

  /** Waits for the task that is being done. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    do {
      this.isAskedFor = false;
      await this.task();
    } while (this.isAskedFor && !this.isStopped);
    this.running = undefined;
    if (!this.isStopped) {
      const ms = this.intervalMs * (0.8 + Math.random() * 0.4);
      this.timer = setTimeout(() => void this.soon(), ms).unref();
    }
  }
}
