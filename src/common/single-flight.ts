/** Callers at the same time share one run of the work. */
export class SingleFlight<T> {
  private flight: Promise<T> | undefined;

  /** Settles with the run under way; undefined while there is none. */
  get current(): Promise<T> | undefined {
    return this.flight;
  }

  /**
   * @param work begun where none is under way, else not called
   * @returns what the run under way gives
   * @throws what that run throws, to all who share it
   */
  run(work: () => Promise<T>): Promise<T> {
    this.flight ??= work().finally(() => (this.flight = undefined));
    return this.flight;
  }
}
