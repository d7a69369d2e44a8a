/** One at a time for each key; callers of one key go in the order in which they came. */
export class KeyedLock {
  private readonly tails = new Map<string, Promise<void>>();

  /**
   * @param key what must not be used by two at a time
   * @param work runs in the caller's async context
   * @returns what `work` returns
   */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.tails.get(key);
    const mine = Promise.withResolvers<void>();
    this.tails.set(key, mine.promise);
    try {
      await before;
      return await work();
    } finally {
      mine.resolve();
      if (this.tails.get(key) === mine.promise) {
        this.tails.delete(key);
      }
    }
  }
}
