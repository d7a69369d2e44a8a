import type { DisconnectReason, PairingEnd } from '../../common/disconnect-reasons.js';
import { ConnectionFault } from './connection-fault.js';
import { ServerNotTrustedError } from './server-not-trusted-error.js';
import type { WatchdogKind } from './watchdogs.js';

/** Why a connection ended, in this product's words; stored as the instance's last reason. */
export type DisconnectCause = Extract<
  DisconnectReason,
  | 'restart_required'
  | 'connection_closed'
  | 'connection_lost'
  | 'service_unavailable'
  | 'unclassified'
  | 'handshake_refused'
  | 'upgrade_refused'
  | 'server_not_trusted'
  | 'network'
  | 'stalled'
  | 'qr_expired'
  | 'replaced'
  | 'logged_out'
  | 'banned'
  | 'temporarily_banned'
  | 'client_outdated'
  | 'device_refused'
  | 'no_multi_device'
>;

/**
 * `restart`: at once, it is part of the protocol. `retry`: with backoff. `contest`: find out whether the session is still
 * ours, and only then once more. `pause`: once more when WhatsApp's own time is over. `stop`: keep the session, wait for a
 * person. `wipe`: WhatsApp removed the device, its credentials are worthless.
 */
export type DisconnectAction = 'restart' | 'retry' | 'contest' | 'pause' | 'stop' | 'wipe';

export interface DisconnectDecision {
  cause: DisconnectCause;
  action: DisconnectAction;
  /** Somebody should look at it. */
  alert: boolean;
  /** With `pause`: how long WhatsApp wants to be left alone, in ms. */
  pauseMs?: number;
}

const NOT_TRUSTED: DisconnectDecision = { cause: 'server_not_trusted', action: 'retry', alert: true };
const RETRY_UNCLASSIFIED: DisconnectDecision = { cause: 'unclassified', action: 'retry', alert: true };
const NETWORK: DisconnectDecision = { cause: 'network', action: 'retry', alert: false };
const QR_EXPIRED: DisconnectDecision = { cause: 'qr_expired', action: 'stop', alert: false };
const DEVICE_REFUSED: DisconnectDecision = { cause: 'device_refused', action: 'stop', alert: true };

/** What WhatsApp itself said, by its code. */
const BY_CODE = new Map<number, DisconnectDecision>([
  [515, { cause: 'restart_required', action: 'restart', alert: false }],
  [428, { cause: 'connection_closed', action: 'retry', alert: false }],
  [408, { cause: 'connection_lost', action: 'retry', alert: false }],
  [503, { cause: 'service_unavailable', action: 'retry', alert: false }],
  [500, RETRY_UNCLASSIFIED],
  [501, RETRY_UNCLASSIFIED],
  [400, { cause: 'handshake_refused', action: 'retry', alert: true }],
  [440, { cause: 'replaced', action: 'contest', alert: true }],
  [401, { cause: 'logged_out', action: 'wipe', alert: true }],
  [403, { cause: 'banned', action: 'stop', alert: true }],
  [406, { cause: 'banned', action: 'stop', alert: true }],
  [402, { cause: 'temporarily_banned', action: 'stop', alert: true }],
  [405, { cause: 'client_outdated', action: 'stop', alert: true }],
  [409, DEVICE_REFUSED],
  [413, DEVICE_REFUSED],
  [414, DEVICE_REFUSED],
  [415, DEVICE_REFUSED],
  [418, DEVICE_REFUSED],
  [411, { cause: 'no_multi_device', action: 'stop', alert: true }],
]);

const BY_WATCHDOG: Record<WatchdogKind, DisconnectDecision> = {
  line_silent: { cause: 'connection_lost', action: 'retry', alert: false },
  not_on_line: { cause: 'connection_lost', action: 'retry', alert: false },
  upgrade_refused: { cause: 'upgrade_refused', action: 'retry', alert: true },
  deaf: { cause: 'stalled', action: 'retry', alert: true },
  lock_held: { cause: 'stalled', action: 'retry', alert: true },
  store_stuck: { cause: 'stalled', action: 'retry', alert: true },
};

/** Causes between us and WhatsApp. */
const OF_THE_WAY: ReadonlySet<DisconnectCause> = new Set<DisconnectCause>([
  'network',
  'upgrade_refused',
  'server_not_trusted',
]);

/** Baileys' prefixes for what the server said on a stream that it accepted, as opposed to what the network did. */
const SAID_BY_WHATSAPP = /^(?:Stream Errored|Connection Failure|Multi-device beta)/;
const SAID_BY_NETWORK = /^WebSocket Error/;

/**
 * Decides what to do after a connection ended. A session is wiped only when WhatsApp itself said that the device is
 * gone: the same number from a proxy (an HTTP 401 on the upgrade, say) is a network fault.
 *
 * @param error `lastDisconnect.error`: a Boom, another error, or nothing
 */
export function decideDisconnect(error: unknown): DisconnectDecision {
  if (!(error instanceof Error)) {
    return RETRY_UNCLASSIFIED;
  }
  if (error instanceof ConnectionFault) {
    return BY_WATCHDOG[error.kind];
  }
  if (error instanceof ServerNotTrustedError) {
    return NOT_TRUSTED;
  }
  if (SAID_BY_NETWORK.test(error.message)) {
    return NETWORK;
  }
  const code = statusCodeOf(error);
  if (error.message === 'QR refs attempts ended') {
    return QR_EXPIRED;
  }
  const decision = (code === undefined ? undefined : BY_CODE.get(code)) ?? RETRY_UNCLASSIFIED;
  const mayGoOn = decision.action === 'retry' || decision.action === 'restart';
  if (!mayGoOn && !SAID_BY_WHATSAPP.test(error.message)) {
    return RETRY_UNCLASSIFIED;
  }
  const pauseMs = decision.cause === 'temporarily_banned' ? banOf(error) : undefined;
  return pauseMs === undefined ? decision : { ...decision, action: 'pause', pauseMs };
}

/** @returns whether the cause lies between us and WhatsApp: however often it comes, the account is not at fault */
export function isOfTheWay(cause: DisconnectCause): boolean {
  return OF_THE_WAY.has(cause);
}

/** @returns how linking a phone ends for which no further connection is made */
export function pairingEndOf(cause: DisconnectCause): PairingEnd {
  switch (cause) {
    case 'qr_expired':
    case 'server_not_trusted':
    case 'client_outdated':
      return cause;
    case 'logged_out':
    case 'banned':
    case 'temporarily_banned':
    case 'device_refused':
    case 'no_multi_device':
      return 'pairing_rejected';
    case 'replaced':
    case 'restart_required':
    case 'unclassified':
      return 'pairing_failed';
    case 'connection_closed':
    case 'connection_lost':
    case 'service_unavailable':
    case 'handshake_refused':
    case 'upgrade_refused':
    case 'network':
    case 'stalled':
      return 'whatsapp_unavailable';
  }
}

/** @returns how long a temporary ban lasts, in ms; undefined when WhatsApp does not say */
function banOf(error: Error): number | undefined {
  const { data } = error as { data?: { expire?: unknown } };
  const expire = data?.expire;
  return typeof expire === 'string' && /^\d{1,10}$/.test(expire) ? Number(expire) * 1000 : undefined;
}

/** @returns WhatsApp's or HTTP's code of a disconnect, for the log */
export function statusCodeOf(error: unknown): number | undefined {
  const { output } = (error ?? {}) as { output?: { statusCode?: unknown } };
  return typeof output?.statusCode === 'number' ? output.statusCode : undefined;
}
