/** Runs tasks one after the other under each key, and those of different keys at the same time. */
export class KeyedQueue {
  private readonly last = new Map<string | number, Promise<unknown>>();

  /** @returns what the task comes to, once those that came before under its key are over */
  run<Result>(key: string | number, task: () => Promise<Result>): Promise<Result> {
    const before = this.last.get(key) ?? Promise.resolve();
    const result = before.then(task, task);
    const settled = result
      .catch(() => undefined)
      .finally(() => {
        if (this.last.get(key) === settled) {
          this.last.delete(key);
        }
      });
    this.last.set(key, settled);
    return result;
  }

  /** @returns once everything that is there now is over */
  async idle(): Promise<void> {
    await Promise.all(this.last.values());
  }
}
