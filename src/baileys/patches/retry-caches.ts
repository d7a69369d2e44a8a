import type { WASocket } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';

type Cache = LRUCache<string, object>;

/** What is used of the library's memory of retries; private in its types. */
interface RetryCaches {
  recentMessagesMap: Cache;
  baseKeys: Cache;
}

/**
 * The two bounded caches of a socket's retries take memory for all their entries in advance, a third of what an idle number
 * takes. In their place come caches with the same bounds that grow. To be called before the socket has used them.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Utils/message-retry-manager.js`, the constructor of `MessageRetryManager`.
 */
export function slimRetryCaches({ messageRetryManager }: Pick<WASocket, 'messageRetryManager'>): void {
  const caches = messageRetryManager as unknown as RetryCaches | null;
  if (caches) {
    caches.recentMessagesMap = growing(caches.recentMessagesMap);
    caches.baseKeys = growing(caches.baseKeys);
  }
}

function growing({ max, ttl, ttlAutopurge, dispose }: Cache): Cache {
  return new LRUCache({
    maxSize: max,
    sizeCalculation: () => 1,
    ttl,
    ttlAutopurge,
    ...(dispose && { dispose }),
  });
}
