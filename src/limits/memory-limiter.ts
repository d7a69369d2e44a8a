import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';

/** Callers that are counted at a time; beyond it those that were quiet for longest begin anew. */
const MAX_KEYS = 50_000;

/** Counts in this process alone, and however many callers there are, no more than so many of them. */
export class MemoryLimiter extends RateLimiterMemory {
  private readonly known = new LRUCache<string, true>({
    // Not `max`: for that the cache takes memory for all its entries in advance.
    maxSize: MAX_KEYS,
    sizeCalculation: () => 1,
    dispose: (_value, key, reason) => {
      if (reason === 'evict') {
        void super.delete(key);
      }
    },
  });

  override consume(
    ...args: Parameters<RateLimiterMemory['consume']>
  ): ReturnType<RateLimiterMemory['consume']> {
    this.known.set(String(args[0]), true);
    return super.consume(...args);
  }
}
