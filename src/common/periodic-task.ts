/** Does the same work from time to time, and never twice at once. */
export class PeriodicTask {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> | undefined;

  /** @param work must not reject */
  constructor(private readonly work: () => Promise<void>) {}

  /** @param everyMs from now to the first time, and between two beginnings; one that falls into the work before is left out */
  start(everyMs: number): void {
    this.timer = setInterval(() => this.run(), everyMs);
  }

  /** Does it now, unless it is being done. */
  run(): void {
    this.current ??= this.work().finally(() => (this.current = undefined));
  }

  /** Does it no more. @returns when what is being done is over */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.current;
  }
}
