import type { UserFacingSocketConfig } from '@whiskeysockets/baileys';

/** Longer than any connection lasts, and short enough for a timer. */
const NEVER_MS = 20 * 24 * 60 * 60_000;

/**
 * Options that turn off what the library does by the clock, and what is done here in its place.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/socket.js`: `keepAliveIntervalMs` paces `startKeepAliveRequest`, `connectTimeoutMs` bounds
 * `sendRawMessage` and `awaitNextMessage`. `lib/Utils/generics.js`, `promiseTimeout`: without a time it makes neither timer nor stack trace.
 * `lib/Socket/messages-recv.js`: `retryRequestDelayMs` is waited for only where it is not 0. `lib/Utils/auth-utils.js`: `maxCommitRetries` counts
 * attempts.
 */
export const LIBRARY_TIMERS_OFF = {
  // Never: `KeepAlive` does it.
  keepAliveIntervalMs: NEVER_MS,
  // Baileys would wrap every frame that it sends in a timer and two stack traces: a tenth of its CPU. Frames are answered at once by
  // the gate, and a watchdog bounds the handshake.
  connectTimeoutMs: 0,
  // Baileys would hold all messages of the line for a quarter of a second after each that can't be read.
  retryRequestDelayMs: 0,
  // The group commit does its own retries.
  transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 1 },
} as const satisfies Partial<UserFacingSocketConfig>;
