import { LRUCache } from 'lru-cache';

/** So many at once, and then one more after each pause. */
interface Allowance {
  burst: number;
  everyMs: number;
}

/**
 * What messages that can't be read may cause for each chat that they come from. All of them are stored and acknowledged, whatever is
 * left of it.
 */
const ALLOWED = {
  /** First requests for a new copy: one small frame each. */
  request: { burst: 1_000, everyMs: 1_000 },
  /** Further requests for the same message: a new pre-key each, which stays until it is used. */
  repeat: { burst: 50, everyMs: 60_000 },
  /** Questions to the account's own phone: an encrypted message each. */
  phone: { burst: 20, everyMs: 60_000 },
} satisfies Record<string, Allowance>;

export type UnreadableCost = keyof typeof ALLOWED;

/** Chats that are remembered; a chat that is forgotten begins anew. */
const MAX_CHATS = 2_000;

interface Spent {
  /** As of `at`; falls with time. */
  count: number;
  at: number;
}

/** Counts what unreadable messages of each chat cost, so that nobody makes this account work, ask and store without end. */
export class UnreadableAllowance {
  // Not `max`: for that the cache takes memory for all its entries in advance.
  private readonly spent = new LRUCache<string, Spent>({
    maxSize: MAX_CHATS * Object.keys(ALLOWED).length,
    sizeCalculation: () => 1,
  });

  /** @returns whether this chat may cause such a cost once more; then it counts as spent */
  take(chat: string, cost: UnreadableCost): boolean {
    const { burst, everyMs } = ALLOWED[cost];
    const key = `${cost} ${chat}`;
    const now = Date.now();
    const before = this.spent.get(key) ?? { count: 0, at: now };
    const count = Math.max(0, before.count - (now - before.at) / everyMs);
    if (count > burst - 1) {
      return false;
    }
    this.spent.set(key, { count: count + 1, at: now });
    return true;
  }
}
