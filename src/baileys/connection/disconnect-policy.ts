import {
  type DisconnectAction,
  type DisconnectCause,
  LINE_ENDS,
  lineEnd,
} from '../../common/disconnect-reasons.js';
import { ConnectionFault } from './connection-fault.js';
import { ServerNotTrustedError } from './server-not-trusted-error.js';
import type { WatchdogKind } from './watchdogs.js';

export interface DisconnectDecision {
  cause: DisconnectCause;
  action: DisconnectAction;
  /** An operator should look at it. */
  alert: boolean;
  /** With `pause`: how long WhatsApp wants to be left alone, in ms. */
  pauseMs?: number;
}

const BY_CODE = new Map<number, DisconnectCause>(
  (Object.keys(LINE_ENDS) as DisconnectCause[]).flatMap((cause) =>
    lineEnd(cause).codes.map((code): [number, DisconnectCause] => [code, cause]),
  ),
);

const BY_WATCHDOG: Record<WatchdogKind, DisconnectCause> = {
  line_silent: 'connection_lost',
  not_on_line: 'connection_lost',
  upgrade_refused: 'upgrade_refused',
  deaf: 'stalled',
  lock_held: 'stalled',
  store_stuck: 'stalled',
};

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
  const cause = causeOf(error);
  const { action, alert } = lineEnd(cause);
  const pauseMs = cause === 'temporarily_banned' ? banOf(error as Error) : undefined;
  return pauseMs === undefined ? { cause, action, alert } : { cause, action: 'pause', alert, pauseMs };
}

function causeOf(error: unknown): DisconnectCause {
  if (!(error instanceof Error)) {
    return 'unclassified';
  }
  if (error instanceof ConnectionFault) {
    return BY_WATCHDOG[error.kind];
  }
  if (error instanceof ServerNotTrustedError) {
    return 'server_not_trusted';
  }
  if (SAID_BY_NETWORK.test(error.message)) {
    return 'network';
  }
  if (error.message === 'QR refs attempts ended') {
    return 'qr_expired';
  }
  const cause = BY_CODE.get(statusCodeOf(error) ?? NaN) ?? 'unclassified';
  const { action } = lineEnd(cause);
  const mayGoOn = action === 'retry' || action === 'restart';
  return mayGoOn || SAID_BY_WHATSAPP.test(error.message) ? cause : 'unclassified';
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
