import type { SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import { replaceTransaction } from '../patches/key-transactions.js';

/**
 * Watches how long transactions hold their locks. Everything a socket does to its keys is one, a send as a whole too.
 *
 * @param keys what Baileys got; `transaction` is replaced
 * @param limitMs in ms
 * @param onHeld told of each transaction that takes longer
 */
export function watchTransactions(
  keys: SignalKeyStoreWithTransaction,
  limitMs: number,
  onHeld: () => void,
): void {
  replaceTransaction(keys, (transaction) => async (work, key) => {
    if (keys.isInTransaction()) {
      return transaction(work, key);
    }
    let timer: NodeJS.Timeout | undefined;
    const timed = () => {
      // Only from here on the lock is held.
      timer = setTimeout(onHeld, limitMs);
      return work();
    };
    try {
      return await transaction(timed, key);
    } finally {
      clearTimeout(timer);
    }
  });
}
