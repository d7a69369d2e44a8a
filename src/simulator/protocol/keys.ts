import { createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto';
import {
  calculateAgreement,
  calculateSignature,
  generateKeyPair as makeKeyPair,
  verifySignature,
} from 'libsignal/src/curve.js';

/** A Curve25519 key pair; both halves are 32 raw bytes, as they travel on WhatsApp's wire. */
export interface KeyPair {
  readonly public: Buffer;
  readonly private: Buffer;
}

const KEY_TYPE = Buffer.from([5]);
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Makes a random Curve25519 key pair. */
export function generateKeyPair(): KeyPair {
  const pair = makeKeyPair();
  return { public: Buffer.from(pair.pubKey).subarray(1), private: Buffer.from(pair.privKey) };
}

/** Derives the same key pair from the same seed and label, for reproducible networks. */
export function keyPairFromSeed(seed: string, label: string): KeyPair {
  const secret = expand(Buffer.from(seed), Buffer.alloc(0), `auzap-simulator:${label}`, 32);
  secret[0] = (secret[0] ?? 0) & 248;
  secret[31] = ((secret[31] ?? 0) & 127) | 64;
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_X25519, secret]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { private: secret, public: Buffer.from(spki.subarray(-32)) };
}

/** Prefixes a raw public key with Signal's key type byte (05), which libsignal expects. */
export function withKeyType(publicKey: Uint8Array): Buffer {
  return Buffer.concat([KEY_TYPE, publicKey]);
}

/** X25519. Throws when either key is malformed. */
export function agree(privateKey: Buffer, publicKey: Uint8Array): Buffer {
  return Buffer.from(calculateAgreement(withKeyType(publicKey), privateKey));
}

/** XEdDSA signature (64 bytes) over a message. */
export function sign(privateKey: Buffer, message: Uint8Array): Buffer {
  return Buffer.from(calculateSignature(privateKey, message));
}

/** Strict XEdDSA check: true only for a valid signature (Baileys' own `Curve.verify` accepts any well-formed one). */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) {
    return false;
  }
  try {
    return verifySignature(withKeyType(publicKey), message, Buffer.from(signature));
  } catch {
    return false;
  }
}

/** HKDF-SHA256 as WhatsApp uses it everywhere. */
export function expand(secret: Uint8Array, salt: Uint8Array, info: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, length));
}
