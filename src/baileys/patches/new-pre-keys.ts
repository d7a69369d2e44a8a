import type { SignalKeyStore, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';

/**
 * Has new pre-keys stored at once that are made within a transaction. An unused pre-key does no harm; one that was offered and is
 * not stored loses messages.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/messages-recv.js`, `sendRetryRequest`: makes a pre-key and sends it within one transaction,
 * of which `lib/Utils/auth-utils.js` (`addTransactionCapability`) stores the keys after its end.
 *
 * @param keys what the library got; `set` is replaced
 * @param store what stands behind it
 */
export function passNewPreKeysOn(keys: SignalKeyStoreWithTransaction, store: SignalKeyStore): void {
  const set = keys.set.bind(keys);
  keys.set = async (data) => {
    if (keys.isInTransaction() && data['pre-key']) {
      const fresh = Object.entries(data['pre-key']).filter(([, value]) => value !== null);
      if (fresh.length > 0) {
        await store.set({ 'pre-key': Object.fromEntries(fresh) });
      }
    }
    await set(data);
  };
}
