import { AsyncLocalStorage } from 'node:async_hooks';
import type { SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import { withTimeout } from '../../common/with-timeout.js';
import { replaceTransaction } from '../patches/key-transactions.js';

/** How long the messages behind it wait for a request that can't leave, in ms. */
const PATIENCE_MS = 100;

/** A stanza that Baileys handles: whether it is about to ask for a new copy of it. */
const handling = new AsyncLocalStorage<{ isAsking: boolean }>();

/** Runs what Baileys does for a `<message>`, so that it can be told apart from what it does meanwhile. */
export function followStanza<T>(work: () => T): T {
  return handling.run({ isAsking: false }, work);
}

/** To be called when Baileys decides to ask for a new copy of the stanza that it handles. */
export function asksForCopy(): void {
  const stanza = handling.getStore();
  if (stanza) {
    stanza.isAsking = true;
  }
}

/**
 * Baileys sends a request for a new copy under the lock that a send holds while it asks WhatsApp for devices and keys
 * (Socket/messages-recv.js, `sendRetryRequest`; Socket/messages-send.js, `relayMessage`), and all messages of the line wait
 * meanwhile. From now on they wait for a moment only; the request leaves when the lock is free.
 *
 * @param keys what Baileys got; `transaction` is replaced
 */
export function letRequestsStepAside(keys: SignalKeyStoreWithTransaction): void {
  replaceTransaction(keys, (transaction) => async <T>(work: () => Promise<T>, key: string): Promise<T> => {
    const stanza = handling.getStore();
    if (!stanza?.isAsking) {
      return transaction(work, key);
    }
    stanza.isAsking = false;
    // Baileys uses no result of this, and is not told of a failure that comes later: the message is stored, and shown as unreadable.
    return (await withTimeout(transaction(work, key), PATIENCE_MS)) as T;
  });
}
