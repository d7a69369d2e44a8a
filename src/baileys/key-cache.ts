import { LRUCache } from 'lru-cache';
import type { SessionKeyValue } from '../repositories/session-batch.js';
import { sizeOf, type StoredValue } from './stored-value.js';

type Entry = { value: StoredValue | null };

/** Bounds of one session's cache. */
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_ENTRIES = 5_000;
const ENTRY_OVERHEAD = 120;

/**
 * One session's keys as the database has them, misses too, bounded by number and bytes. Pre-keys are left out: each is
 * used once.
 */
export class KeyCache {
  private readonly entries = new LRUCache<string, Entry>({
    max: MAX_ENTRIES,
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_BYTES / 4,
    sizeCalculation: ({ value }) => ENTRY_OVERHEAD + (value ? sizeOf(value) : 0),
    dispose: (_entry, _key, reason) => {
      if (reason === 'evict') {
        this.holdsAll = false;
      }
    },
  });
  private holdsAll: boolean;

  /**
   * @param keys what was read at take-over
   * @param isComplete `keys` is everything that the database has, so that a miss needs no query
   */
  constructor(keys: SessionKeyValue[], isComplete: boolean) {
    this.holdsAll = isComplete;
    for (const { type, id, value } of keys.toReversed()) {
      this.set(type, id, { kind: 'sealed', bytes: value });
    }
  }

  /** @returns the value, null when there is none, undefined when the database must be asked */
  get(type: string, id: string): StoredValue | null | undefined {
    if (isUncached(type)) {
      return undefined;
    }
    const entry = this.entries.get(`${type}/${id}`);
    if (entry) {
      return entry.value;
    }
    return this.holdsAll ? null : undefined;
  }

  /** @param value null when the database has none */
  set(type: string, id: string, value: StoredValue | null): void {
    if (isUncached(type)) {
      return;
    }
    const key = `${type}/${id}`;
    this.entries.set(key, { value });
    if (!this.entries.has(key)) {
      // Larger than an entry may be.
      this.holdsAll = false;
    }
  }

  clear(): void {
    this.holdsAll = false;
    this.entries.clear();
  }
}

function isUncached(type: string): boolean {
  return type === 'pre-key';
}
