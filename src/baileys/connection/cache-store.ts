import type { CacheStore } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';
import { UnreadableAllowance } from '../signal/unreadable-allowance.js';
import { boundResends } from '../signal/unreadable-requests.js';

/**
 * A bounded cache as Baileys wants it. Baileys' own are unbounded and die with each socket.
 * @param max entries
 * @param ttlMs in ms
 */
function boundedCacheStore(max: number, ttlMs: number): CacheStore {
  // Not `max`: for that the cache takes memory for all its entries in advance.
  const entries = new LRUCache<string, { value: unknown }>({
    maxSize: max,
    sizeCalculation: () => 1,
    ttl: ttlMs,
  });
  return {
    get: <T>(key: string) => entries.get(key)?.value as T | undefined,
    set: (key, value) => {
      entries.set(key, { value });
    },
    del: (key) => {
      entries.delete(key);
    },
    flushAll: () => entries.clear(),
  };
}

/** The caches of one instance; they outlive its sockets. */
export class InstanceCaches {
  readonly messageRetries = boundedCacheStore(5_000, 60 * 60_000);
  readonly userDevices = boundedCacheStore(2_000, 5 * 60_000);
  readonly callOffers = boundedCacheStore(100, 5 * 60_000);
  readonly allowance = new UnreadableAllowance();
  readonly placeholderResends = boundResends(boundedCacheStore(1_000, 60 * 60_000), this.allowance);
}
