import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import type { PairingMethod } from '../../common/instance.js';
import type { LogoutResult } from '../../common/logout.js';

/** What is known of something that happened. */
export interface Occasion {
  /** Why; the reason that is told. */
  cause: DisconnectReason;
  /** A person is waiting for it. */
  isUrgent: boolean;
  /** The failure tells something about the account; one of the network or of the database does not. */
  isTelling: boolean;
  /** How long WhatsApp wants to be left alone, in ms. */
  pauseMs: number;
  /** Until the removal is given up, in ms. */
  msLeft: number;
  method: PairingMethod;
  logout: LogoutResult;
}

export const NOTHING_KNOWN: Occasion = {
  cause: 'unclassified',
  isUrgent: false,
  isTelling: true,
  pauseMs: 0,
  msLeft: 0,
  method: 'qr',
  logout: 'expired',
};
