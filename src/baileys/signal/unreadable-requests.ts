import type { CacheStore, MessageRetryManager, WAMessageKey } from '@whiskeysockets/baileys';
import { addressOf } from '../decoding/chat-names.js';
import { asksForCopy } from './request-detour.js';
import type { UnreadableAllowance } from './unreadable-allowance.js';

/** What is used of Baileys' bookkeeping of requests for new copies. */
type RetryManager = Pick<
  MessageRetryManager,
  'hasExceededMaxRetries' | 'getRetryCount' | 'schedulePhoneRequest'
>;

/**
 * Baileys 7.0.0-rc14 asks for a new copy of every message that can't be read, of the same one up to five times, and has the
 * account's own phone asked for it, too (Socket/messages-recv.js, `sendRetryRequest`). From now on it does so within the
 * allowance of the chat; beyond that it only acknowledges.
 *
 * @param manager of the socket
 * @param currentChat whose message is being handled, which is when Baileys asks
 */
export function boundRequests(
  manager: RetryManager,
  allowance: UnreadableAllowance,
  currentChat: () => string | undefined,
): void {
  const hasExceeded = manager.hasExceededMaxRetries.bind(manager);
  const schedule = manager.schedulePhoneRequest.bind(manager);
  manager.hasExceededMaxRetries = (id) => {
    const cost = manager.getRetryCount(id) === 0 ? 'request' : 'repeat';
    if (hasExceeded(id) || !allowance.take(currentChat() ?? '', cost)) {
      return true;
    }
    asksForCopy();
    return false;
  };
  manager.schedulePhoneRequest = (id, ask, delay) => {
    if (allowance.take(currentChat() ?? '', 'phone')) {
      schedule(id, ask, delay);
    }
  };
}

/**
 * Of a message that came without content Baileys has the phone asked at once: it enters the message here, waits for two seconds,
 * and asks if it still finds it (`requestPlaceholderResend`).
 *
 * @param cache of the instance
 * @returns the cache, which keeps no message of a chat whose allowance is used up
 */
export function boundResends(cache: CacheStore, allowance: UnreadableAllowance): CacheStore {
  return {
    ...cache,
    set: (id: string, value: unknown) => {
      const chat = (value as { key?: WAMessageKey } | undefined)?.key?.remoteJid;
      return chat && !allowance.take(addressOf(chat) ?? '', 'phone') ? undefined : cache.set(id, value);
    },
  };
}
