import { LRUCache } from 'lru-cache';
import type { SessionKeyValue } from '../../repositories/session-batch.js';
import type { BudgetedCache, KeyCacheBudget } from './key-cache-budget.js';
import { sizeOf, type StoredValue } from '../sealing/stored-value.js';

type Entry = { value: StoredValue | null };

const ENTRY_OVERHEAD = 120;

/**
 * One session's keys as the database has them, misses too, bounded by number and bytes, and by what all sessions may
 * take together. Pre-keys are left out: each is used once.
 */
export class KeyCache implements BudgetedCache {
  private readonly entries: LRUCache<string, Entry>;
  private holdsAll: boolean;
  private isDisposed = false;

  /**
   * @param budget of all sessions
   * @param keys what was read at take-over
   * @param isComplete `keys` is everything that the database has, so that a miss needs no query
   * @param maxBytes bound of this session
   */
  constructor(
    private readonly budget: KeyCacheBudget,
    keys: SessionKeyValue[],
    isComplete: boolean,
    maxBytes: number,
  ) {
    this.entries = new LRUCache({
      // Not `max`: for that the cache takes memory for all its entries in advance.
      maxSize: maxBytes,
      maxEntrySize: maxBytes / 4,
      sizeCalculation: bytesOf,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') {
          this.holdsAll = false;
        }
      },
    });
    this.holdsAll = isComplete;
    budget.join(this);
    for (const { type, id, value } of keys.toReversed()) {
      this.set(type, id, { kind: 'sealed', bytes: value });
    }
  }

  get bytes(): number {
    return this.entries.calculatedSize;
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
    if (isUncached(type) || this.isDisposed) {
      return;
    }
    const key = `${type}/${id}`;
    this.accounted(() => this.entries.set(key, { value }));
    if (!this.entries.has(key)) {
      // Larger than an entry may be.
      this.holdsAll = false;
    }
    this.budget.enforce();
  }

  shrinkTo(bytes: number): void {
    this.accounted(() => {
      while (this.bytes > bytes && this.entries.size > 0) {
        this.entries.pop();
      }
    });
  }

  /** Forgets everything, for good. */
  dispose(): void {
    this.isDisposed = true;
    this.holdsAll = false;
    this.accounted(() => this.entries.clear());
    this.budget.leave(this);
  }

  private accounted(change: () => unknown): void {
    const before = this.bytes;
    change();
    this.budget.changed(this.bytes - before);
  }
}

function bytesOf({ value }: Entry): number {
  return ENTRY_OVERHEAD + (value ? sizeOf(value) : 0);
}

function isUncached(type: string): boolean {
  return type === 'pre-key';
}
