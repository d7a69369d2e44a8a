export interface RepeatedTaskOptions {
  /** From the end of a run to the next one, in ms; a function gets how long that run took (for jitter, backoff, an even beat). */
  everyMs: number | ((tookMs: number) => number);
  /** From the start to the first run, in ms; left out, as after a run that took no time. */
  firstAfterMs?: number;
  /** Told what a run threw; the next one comes nevertheless. Must not throw. */
  onFailure: (error: unknown) => void;
  /** Does not keep the process alive. */
  unref?: boolean;
}

/** Does something again and again, one run at a time, until it is stopped. */
export class RepeatedTask {
  private isStarted = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly task: () => unknown,
    private readonly options: RepeatedTaskOptions,
  ) {}

  /** Does nothing where it is started already. */
  start(): void {
    if (this.isStarted) {
      return;
    }
    this.isStarted = true;
    if (this.running === undefined) {
      this.schedule(this.options.firstAfterMs ?? this.pauseAfter(0));
    }
  }

  /**
   * No run begins from now on, until it is started again.
   * @returns settles when the one under way is over, for which that one itself must not wait; never rejects
   */
  async stop(): Promise<void> {
    this.isStarted = false;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.run();
    }, afterMs);
    if (this.options.unref === true) {
      this.timer.unref();
    }
  }

  private async run(): Promise<void> {
    const startedAt = performance.now();
    try {
      await this.task();
    } catch (error) {
      this.options.onFailure(error);
    }
    this.running = undefined;
    if (this.isStarted) {
      this.schedule(this.pauseAfter(performance.now() - startedAt));
    }
  }

  private pauseAfter(tookMs: number): number {
    const { everyMs } = this.options;
    return typeof everyMs === 'number' ? everyMs : everyMs(tookMs);
  }
}
