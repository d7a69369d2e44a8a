import {
  type AuthenticationCreds,
  Browsers,
  DEFAULT_CONNECTION_CONFIG,
  type SignalKeyStore,
  type UserFacingSocketConfig,
} from '@whiskeysockets/baileys';
import { shouldSyncHistoryMessage } from '../decoding/bulk-history.js';
import { shouldIgnoreJid } from '../decoding/ignored-jids.js';
import { LIBRARY_TIMERS_OFF } from '../patches/library-timers.js';
import type { InstanceCaches } from './cache-store.js';
import type { SessionSettings } from '../settings/session-settings.js';

/** What differs from socket to socket. */
export interface SocketParts {
  creds: AuthenticationCreds;
  keys: SignalKeyStore;
  caches: InstanceCaches;
  logger: UserFacingSocketConfig['logger'];
  /** Undefined: WhatsApp's own server. */
  url: string | undefined;
  /** A code is typed slowly: keep the registration open for longer than a QR. */
  isCodePairing: boolean;
  /** Whether the instance keeps what is written in groups, now. */
  storesGroups: () => boolean;
  getMessage: NonNullable<UserFacingSocketConfig['getMessage']>;
  makeSignalRepository: NonNullable<UserFacingSocketConfig['makeSignalRepository']>;
}

/** With a code, how long each of the server's refs holds the registration open, in ms. */
const CODE_QR_TIMEOUT_MS = 60_000;

/**
 * Options of one socket. A key that is present with `undefined` would override Baileys' default, so such keys are left out.
 */
export function socketOptions(parts: SocketParts, settings: SessionSettings): UserFacingSocketConfig {
  const { caches } = parts;
  return {
    auth: { creds: parts.creds, keys: parts.keys },
    logger: parts.logger,
    makeSignalRepository: parts.makeSignalRepository,
    getMessage: parts.getMessage,
    // A preset, because WhatsApp refuses pairing codes for platforms that it does not know.
    browser: Browsers.macOS('Chrome'),
    // With true the owner's phone would stop notifying. Our receipts are typed `inactive` in return.
    markOnlineOnConnect: false,
    syncFullHistory: false,
    emitOwnEvents: false,
    generateHighQualityLinkPreview: false,
    defaultQueryTimeoutMs: settings.queryMs,
    ...LIBRARY_TIMERS_OFF,
    shouldIgnoreJid: (jid) => shouldIgnoreJid(jid, parts.storesGroups()),
    shouldSyncHistoryMessage,
    msgRetryCounterCache: caches.messageRetries,
    userDevicesCache: caches.userDevices,
    callOfferCache: caches.callOffers,
    placeholderResendCache: caches.placeholderResends,
    waWebSocketUrl: parts.url ?? DEFAULT_CONNECTION_CONFIG.waWebSocketUrl,
    ...qrTimeoutOf(parts, settings),
  };
}

function qrTimeoutOf({ isCodePairing }: SocketParts, { qrMs }: SessionSettings): { qrTimeout?: number } {
  const qrTimeout = isCodePairing ? CODE_QR_TIMEOUT_MS : qrMs;
  return qrTimeout === undefined ? {} : { qrTimeout };
}
