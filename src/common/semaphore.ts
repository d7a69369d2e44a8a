/** Work of one kind, a few pieces at a time, in the order in which they came. */
export class Semaphore {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * @param atOnce how many pieces are under way together
   * @param maxWaiting how many more may wait; `hasPlace` says whether another one may, `run` takes it in any case
   */
  constructor(
    private readonly atOnce: number,
    private readonly maxWaiting = Infinity,
  ) {}

  get hasPlace(): boolean {
    return this.waiting.length < this.maxWaiting;
  }

  /** Nothing is under way, and nothing waits. */
  get isIdle(): boolean {
    return this.running === 0;
  }

  /**
   * @param work begins at once where there is room, else when its turn has come; runs in the caller's async context
   * @returns what it gives
   * @throws what it throws
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** The next in line takes the place over. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) {
      next();
    } else {
      this.running -= 1;
    }
  }
}
