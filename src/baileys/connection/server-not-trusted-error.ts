import type { HandshakeFault } from './handshake-check.js';

/** What to do about such a server, for those who run the service. */
export const TRUST_ADVICE =
  'A test network belongs to a root of its own: outside production, set WHATSAPP_ROOT_KEY to the root public key that it prints.';

/** Ends a connection whose server could not prove that it belongs to WhatsApp. */
export class ServerNotTrustedError extends Error {
  constructor(readonly fault: HandshakeFault) {
    super(`server not trusted (${fault})`);
    this.name = 'ServerNotTrustedError';
  }
}
