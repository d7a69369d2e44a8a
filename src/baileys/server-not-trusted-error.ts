import type { HandshakeFault } from './handshake-check.js';

/** Ends a connection whose server could not prove that it belongs to WhatsApp. */
export class ServerNotTrustedError extends Error {
  constructor(readonly fault: HandshakeFault) {
    super(`server not trusted (${fault})`);
    this.name = 'ServerNotTrustedError';
  }
}
