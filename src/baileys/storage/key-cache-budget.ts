/** A cache that shares a budget. */
export interface BudgetedCache {
  readonly bytes: number;
  /** Drops what was used least recently, until the cache takes no more than `bytes`. */
  shrinkTo(bytes: number): void;
}

/** How much more than needed is freed at once, so that not each write has to free something. */
const SLACK = 0.05;

/** What the key caches of all sessions may take together. A session that takes more than an equal share gives first. */
export class KeyCacheBudget {
  private readonly caches = new Set<BudgetedCache>();
  private used = 0;

  /** @param maxBytes roughly, as `sizeOf` counts */
  constructor(private readonly maxBytes: number) {}

  /** Bytes that all caches take. */
  get bytes(): number {
    return this.used;
  }

  join(cache: BudgetedCache): void {
    this.caches.add(cache);
  }

  leave(cache: BudgetedCache): void {
    this.caches.delete(cache);
  }

  /** @param bytes by which some cache grew; negative when it shrank */
  changed(bytes: number): void {
    this.used += bytes;
  }

  /** To be called after a cache has grown. */
  enforce(): void {
    if (this.used <= this.maxBytes) {
      return;
    }
    const target = this.maxBytes * (1 - SLACK);
    const share = target / this.caches.size;
    const largestFirst = [...this.caches].toSorted((a, b) => b.bytes - a.bytes);
    for (const cache of largestFirst) {
      if (this.used <= target) {
        return;
      }
      cache.shrinkTo(Math.max(share, cache.bytes - (this.used - target)));
    }
  }
}
