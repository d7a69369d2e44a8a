import { Semaphore } from './semaphore.js';

/** A semaphore for each key; by default a lock: one piece of work at a time. */
export class KeyedSemaphore<Key = string> {
  /** Of the keys of which something is under way. */
  private readonly semaphores = new Map<Key, Semaphore>();

  /**
   * @param atOnce how many pieces of one key are under way together
   * @param maxWaiting how many more of it may wait, as for `Semaphore`
   */
  constructor(
    private readonly atOnce = 1,
    private readonly maxWaiting = Infinity,
  ) {}

  /** @returns whether one more piece of this key may wait */
  hasPlaceFor(key: Key): boolean {
    return this.semaphores.get(key)?.hasPlace ?? this.maxWaiting > 0;
  }

  /** As `Semaphore.run`, among the work of this key. */
  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const semaphore = this.semaphores.get(key) ?? new Semaphore(this.atOnce, this.maxWaiting);
    this.semaphores.set(key, semaphore);
    try {
      return await semaphore.run(work);
    } finally {
      if (semaphore.isIdle && this.semaphores.get(key) === semaphore) {
        this.semaphores.delete(key);
      }
    }
  }
}
