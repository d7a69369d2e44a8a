interface Queue {
  running: number;
  waiting: (() => void)[];
}

/** Work of one kind for each key, a few pieces at a time, in the order in which they came. */
export class KeyedSemaphore<Key> {
  private readonly queues = new Map<Key, Queue>();

  /**
   * @param atOnce how many pieces of one key are under way together
   * @param maxWaiting how many more of it may wait
   */
  constructor(
    private readonly atOnce: number,
    private readonly maxWaiting: number,
  ) {}

  /** @returns whether work of this key has a place */
  hasPlaceFor(key: Key): boolean {
    return (this.queues.get(key)?.waiting.length ?? 0) < this.maxWaiting;
  }

  /** @returns what the work gives, when its turn has come */
  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(key) ?? { running: 0, waiting: [] };
    this.queues.set(key, queue);
    if (queue.running >= this.atOnce) {
      await new Promise<void>((resolve) => queue.waiting.push(resolve));
    } else {
      queue.running += 1;
    }
    try {
      return await work();
    } finally {
      this.leave(key, queue);
    }
  }

  /** Whoever is next takes the place over. */
  private leave(key: Key, queue: Queue): void {
    const next = queue.waiting.shift();
    if (next) {
      next();
      return;
    }
    queue.running -= 1;
    if (queue.running === 0) {
      this.queues.delete(key);
    }
  }
}
