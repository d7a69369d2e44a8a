import type { CacheStore } from '@whiskeysockets/baileys';
import { addressOf } from '../decoding/chat-names.js';
import { decideResends, decideRetries, type RetryManager } from '../patches/retry-requests.js';
import { asksForCopy } from './request-detour.js';
import type { UnreadableAllowance } from './unreadable-allowance.js';

/**
 * Baileys 7.0.0-rc14 asks for a new copy of every message that can't be read, of the same one up to five times, and has the
 * account's own phone asked for it, too. From now on it does so within the allowance of the chat; beyond that it only acknowledges.
 *
 * @param manager of the socket
 * @param currentChat whose message is being handled, which is when Baileys asks
 */
export function boundRequests(
  manager: RetryManager,
  allowance: UnreadableAllowance,
  currentChat: () => string | undefined,
): void {
  decideRetries(manager, {
    mayAskSender: (isRepeat) => {
      const isAllowed = allowance.take(currentChat() ?? '', isRepeat ? 'repeat' : 'request');
      if (isAllowed) {
        asksForCopy();
      }
      return isAllowed;
    },
    mayAskPhone: () => allowance.take(currentChat() ?? '', 'phone'),
  });
}

/**
 * @param cache of the instance
 * @returns the cache, by which Baileys has the phone asked only within the allowance of the chat
 */
export function boundResends(cache: CacheStore, allowance: UnreadableAllowance): CacheStore {
  return decideResends(cache, (chat) => allowance.take(addressOf(chat) ?? '', 'phone'));
}
