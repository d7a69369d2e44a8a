import { EventEmitter } from 'node:events';
import {
  Curve,
  type KeyPair,
  makeWASocket,
  type UserFacingSocketConfig,
  WA_CERT_DETAILS,
  type WASocket,
} from '@whiskeysockets/baileys';
import { isSigned } from './account-signature.js';
import { slimRetryCaches } from './retry-caches.js';

export interface MadeSocket {
  socket: WASocket;
  /** The key pair of its handshake. */
  ephemeral: KeyPair | undefined;
}

/**
 * Makes a socket of the library, which dials at once, in such a way that
 * - rejections of the listeners on its emitters are reported to the emitters themselves;
 * - the key pair of its handshake is known, which is the first that it makes;
 * - its caches take no memory in advance.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/socket.js`, `makeSocket`: makes the key pair first (`Curve.generateKeyPair`), and
 * all of its emitters, before it returns. `lib/Utils/crypto.js`: `Curve` is one object that all of the library looks up at each call.
 */
export function makeSocket(options: UserFacingSocketConfig): MadeSocket {
  heedSignatures();
  const { captureRejections } = EventEmitter;
  const { generateKeyPair } = Curve;
  let ephemeral: KeyPair | undefined;
  EventEmitter.captureRejections = true;
  Curve.generateKeyPair = () => {
    const pair = generateKeyPair();
    ephemeral ??= pair;
    return pair;
  };
  try {
    const socket = makeWASocket(options);
    slimRetryCaches(socket);
    return { socket, ephemeral };
  } finally {
    Curve.generateKeyPair = generateKeyPair;
    EventEmitter.captureRejections = captureRejections;
  }
}

/**
 * The library's check takes 10 ms of JavaScript and accepts whatever looks like a signature, also where a phone that is
 * linked vouches for us. The certificate that only a root can have signed is `HandshakeCheck`'s, which knows the root that
 * this connection trusts.
 */
function heedSignatures(): void {
  Curve.verify = (publicKey, message, signature) =>
    publicKey === WA_CERT_DETAILS.PUBLIC_KEY || isSigned(publicKey, message, signature);
}
