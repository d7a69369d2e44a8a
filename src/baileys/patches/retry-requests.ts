import type { CacheStore, MessageRetryManager, WAMessageKey } from '@whiskeysockets/baileys';

/** What is used of the library's bookkeeping of requests for new copies. */
export type RetryManager = Pick<
  MessageRetryManager,
  'hasExceededMaxRetries' | 'getRetryCount' | 'schedulePhoneRequest'
>;

/** Decides about what the library is about to ask for. */
export interface RetryDecisions {
  /** @param isRepeat a copy of the same message was asked for before */
  mayAskSender(isRepeat: boolean): boolean;
  mayAskPhone(): boolean;
}

/**
 * Has the library ask for a new copy of a message that can't be read only when it may; otherwise it only acknowledges.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/messages-recv.js`, `sendRetryRequest`: asks `hasExceededMaxRetries` first of all, once
 * for each request and before it counts it, and has the phone asked by `schedulePhoneRequest`; all while the message is being handled.
 * `lib/Utils/message-retry-manager.js`: the methods.
 *
 * @param manager of the socket
 */
export function decideRetries(manager: RetryManager, decisions: RetryDecisions): void {
  const hasExceeded = manager.hasExceededMaxRetries.bind(manager);
  const schedule = manager.schedulePhoneRequest.bind(manager);
  manager.hasExceededMaxRetries = (id) =>
    hasExceeded(id) || !decisions.mayAskSender(manager.getRetryCount(id) > 0);
  manager.schedulePhoneRequest = (id, ask, delay) => {
    if (decisions.mayAskPhone()) {
      schedule(id, ask, delay);
    }
  };
}

/**
 * Of a message that came without content the library has the phone asked at once: it enters the message in a cache, waits for two
 * seconds, and asks if it still finds it.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/messages-recv.js`, `requestPlaceholderResend`: enters the message (whose `key` it has)
 * for this, and `true` where the phone is asked by `schedulePhoneRequest`.
 *
 * @param cache `placeholderResendCache` of a socket's options
 * @returns the cache, which keeps no message of a chat of which the phone may not be asked
 */
export function decideResends(cache: CacheStore, mayAskPhone: (remoteJid: string) => boolean): CacheStore {
  return {
    ...cache,
    set: (id: string, value: unknown) => {
      const chat = (value as { key?: WAMessageKey } | undefined)?.key?.remoteJid;
      return chat && !mayAskPhone(chat) ? undefined : cache.set(id, value);
    },
  };
}
