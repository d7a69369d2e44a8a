import type { WatchdogKind } from './watchdogs.js';

/** Ends a connection on which a watchdog gave up. */
export class ConnectionFault extends Error {
  constructor(readonly kind: WatchdogKind) {
    super(`connection given up (${kind})`);
    this.name = 'ConnectionFault';
  }
}
