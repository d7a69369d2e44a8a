/** At most one run of the work at a time, and one more for all that was asked for meanwhile. */
export class CoalescedRun {
  private current: Promise<void> | undefined;
  private next: PromiseWithResolvers<void> | undefined;

  /** @param work begins at once where none is under way; where it may reject, the caller of `run` takes the rejection */
  constructor(private readonly work: () => Promise<void>) {}

  get isRunning(): boolean {
    return this.current !== undefined;
  }

  /**
   * @returns settles with a run that began with this call, or after it
   * @throws what that run throws
   */
  run(): Promise<void> {
    if (this.current === undefined) {
      return this.begin();
    }
    this.next ??= Promise.withResolvers<void>();
    return this.next.promise;
  }

  /** Settles when nothing is under way or asked for; never rejects. */
  async settled(): Promise<void> {
    while (this.current !== undefined) {
      await Promise.allSettled([this.current]);
    }
  }

  private begin(): Promise<void> {
    this.current = this.work().finally(() => {
      this.current = undefined;
      if (this.next !== undefined) {
        const { resolve, reject } = this.next;
        this.next = undefined;
        this.begin().then(resolve, reject);
      }
    });
    return this.current;
  }
}
