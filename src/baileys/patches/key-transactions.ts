import { AsyncLocalStorage } from 'node:async_hooks';
import type { SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';

type Transaction = SignalKeyStoreWithTransaction['transaction'];

/**
 * Replaces how transactions on a socket's keys run.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Utils/auth-utils.js`, `addTransactionCapability`. Everything in the library that writes
 * keys together calls `transaction` on the object that `makeSignalRepository` got (`Socket/socket.js`); one within another one is part of it.
 *
 * @param keys what the library got
 * @param make gets what ran transactions until now
 */
export function replaceTransaction(
  keys: SignalKeyStoreWithTransaction,
  make: (transaction: Transaction) => Transaction,
): void {
  keys.transaction = make(keys.transaction.bind(keys));
}

interface Load<Item> {
  items: Item[];
  /** The work is done: what the store is given next is the commit. */
  isComplete: boolean;
}

/**
 * What is stored with the keys that a transaction writes, in the very call that commits them.
 *
 * Library: as `replaceTransaction`. It collects the writes of a transaction and gives them to the store (`state.set`) in one call when
 * the work is done, in the async context in which `transaction` was called; it gives it nothing when nothing was written. One for each
 * socket, as the library's own context is: what a job of another session does in this one's context can't take anything along.
 */
export class TransactionCargo<Item> {
  private readonly current = new AsyncLocalStorage<Load<Item>>();

  /**
   * From now on transactions on these keys may carry something.
   * @param storeAlone stores what was added to a transaction that wrote no key
   */
  carryOn(
    keys: SignalKeyStoreWithTransaction,
    storeAlone: (items: readonly Item[]) => Promise<void> | undefined,
  ): void {
    replaceTransaction(keys, (transaction) => async (work, key) => {
      if (keys.isInTransaction()) {
        return transaction(work, key);
      }
      const load: Load<Item> = { items: [], isComplete: false };
      const wholeWork = async () => {
        const result = await work();
        load.isComplete = true;
        return result;
      };
      const result = await this.current.run(load, () => transaction(wholeWork, key));
      if (load.items.length > 0) {
        await storeAlone(load.items);
      }
      return result;
    });
  }

  /**
   * Adds to the transaction under way; with it, it is dropped when the work fails.
   * @throws Error outside of a transaction
   */
  add(item: Item): void {
    const load = this.current.getStore();
    if (!load || load.isComplete) {
      throw new Error('no transaction is under way');
    }
    load.items.push(item);
  }

  /**
   * To be called by the store with each write.
   * @param write gets what belongs to it: something when it is the commit of a transaction that carries it, else nothing. What throws
   *   has taken nothing
   */
  storeWith<T>(write: (items: readonly Item[]) => T): T {
    const load = this.current.getStore();
    if (!load?.isComplete || load.items.length === 0) {
      return write([]);
    }
    const result = write(load.items);
    load.items = [];
    return result;
  }
}
