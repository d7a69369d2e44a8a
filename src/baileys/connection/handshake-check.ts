import {
  aesDecryptGCM,
  Curve,
  hkdf,
  type KeyPair,
  NOISE_MODE,
  NOISE_WA_HEADER,
  proto,
  sha256,
} from '@whiskeysockets/baileys';
import { type CertificateFault, faultOfCertificates } from './noise-certificate.js';

/** What is wrong with a server's answer to our hello. */
export type HandshakeFault = CertificateFault | 'hello_unreadable';

const FIRST_IV = Buffer.alloc(12);
const MODE = Buffer.from(NOISE_MODE);

/**
 * Reads the server's hello of a Noise handshake for itself, beside the library, and checks who signed its key. The library
 * looks at signatures without heeding the answer, and does not compare the key. To be asked before the library goes on:
 * the next thing that it sends is who we are.
 */
export class HandshakeCheck {
  /**
   * @param ephemeral the key pair of this handshake; without it nothing can be read, and nobody is trusted
   * @param rootKey whose signature is believed
   */
  constructor(
    private readonly ephemeral: KeyPair | undefined,
    private readonly rootKey: Uint8Array,
  ) {}

  /**
   * @param frame what the server answered
   * @returns why the server is not to be trusted, or undefined
   */
  faultOf(frame: Uint8Array): HandshakeFault | undefined {
    try {
      const { chain, serverKey } = this.read(frame);
      return faultOfCertificates({ chain, serverKey, rootKey: this.rootKey, now: Date.now() });
    } catch {
      return 'hello_unreadable';
    }
  }

  private read(frame: Uint8Array): { chain: Buffer; serverKey: Buffer } {
    const { serverHello } = proto.HandshakeMessage.decode(frame);
    const { ephemeral, static: sealedKey, payload } = serverHello ?? {};
    if (!this.ephemeral || !ephemeral || !sealedKey || !payload) {
      throw new Error('not a server hello');
    }
    const secret = this.ephemeral.private;
    const mixed = [NOISE_WA_HEADER, this.ephemeral.public, ephemeral].reduce(mix, MODE);
    const first = deriveKeys(Curve.sharedKey(secret, ephemeral), MODE);
    const serverKey = aesDecryptGCM(sealedKey, first.key, FIRST_IV, mixed);
    const second = deriveKeys(Curve.sharedKey(secret, serverKey), first.salt);
    const chain = aesDecryptGCM(payload, second.key, FIRST_IV, mix(mixed, sealedKey));
    return { chain, serverKey };
  }
}

function mix(hash: Buffer, data: Uint8Array): Buffer {
  return sha256(Buffer.concat([hash, data]));
}

function deriveKeys(secret: Uint8Array, salt: Buffer): { salt: Buffer; key: Buffer } {
  const keys = Buffer.from(hkdf(Buffer.from(secret), 64, { salt, info: '' }));
  return { salt: keys.subarray(0, 32), key: keys.subarray(32) };
}
