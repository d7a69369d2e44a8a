import type { SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import { replaceTransaction } from '../patches/key-transactions.js';

/** What the lock of a person's sessions is called. @param user digits of the LID, of the number where there is none */
export function userLockOf(user: string): string {
  return `${USER_LOCK}${user}`;
}

const USER_LOCK = 'user:';

/**
 * Knows whether sessions of some person are being worked on. What was read in such a transaction is written at its end: whoever
 * writes a session meanwhile is overwritten.
 */
export class TransactionsUnderWay {
  private count = 0;

  /** @param keys what Baileys got; `transaction` is replaced */
  watch(keys: SignalKeyStoreWithTransaction): void {
    replaceTransaction(keys, (transaction) => async (work, key) => {
      if (!key.startsWith(USER_LOCK)) {
        return transaction(work, key);
      }
      this.count += 1;
      try {
        return await transaction(work, key);
      } finally {
        this.count -= 1;
      }
    });
  }

  /** Some are under way or wait for their turn, whoever the person is: which of somebody's addresses they work on may change meanwhile. */
  get areAny(): boolean {
    return this.count > 0;
  }
}
