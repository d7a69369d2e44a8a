import type { Log } from './server/network.js';

/** Settings of a simulator; everything has a default. */
export interface SimulatorOptions {
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** A loopback address; anything else is refused. */
  readonly host?: string;
  /** Makes root, server and phone identity keys, and made-up LIDs, the same each time. */
  readonly seed?: string;
  readonly log?: Log;
  /** Send sync keys and a history after a device's first login (default true). */
  readonly bootstrap?: boolean;
  /** Unanswered stanzas a device may have (default 100 000). */
  readonly queueLimit?: number;
  /** Messages kept per phone (default 10 000) and in the ledger (default 100 000). */
  readonly inboxLimit?: number;
  readonly ledgerLimit?: number;
  /** How long codes and QR refs live (default 3 minutes each). */
  readonly pairingCodeLifetimeMs?: number;
  readonly qrLifetimeMs?: number;
}

/** Who joins the network. */
export interface NewPhone {
  /** Digits with country code. */
  readonly number: string;
  readonly name: string;
  /** Digits; made up when absent. */
  readonly lid?: string;
}
