import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { agree, expand, generateKeyPair } from '../../protocol/keys.js';
import type { KeyPair } from '../../protocol/keys.js';

const ITERATIONS = 131_072;
const WRAPPED_BYTES = 80;
const BUNDLE_BYTES = 32 + 12 + 96 + 16;
const derive = promisify(pbkdf2);

/** The key exchange of a phone on which a pairing code was typed. Nothing in it tells whether the code was right. */
export interface CodeExchange {
  readonly wrappedPrimaryKey: Buffer;
  /** Shared secret of the two ephemeral keys; garbage when the code was wrong. */
  readonly shared: Buffer;
}

/** Removes what people put between the characters of a code. */
export function normalizeCode(code: string): string {
  return code.replaceAll(/[\s-]/g, '').toUpperCase();
}

/** True for the 80 bytes of a wrapped ephemeral key: salt, iv, key. */
export function isWrappedKey(bytes: Buffer): boolean {
  return bytes.length === WRAPPED_BYTES;
}

/** Phone side of the exchange: unwraps the companion's ephemeral key and wraps one of its own, both under the code. */
export async function exchangeByCode(code: string, wrappedCompanionKey: Buffer): Promise<CodeExchange> {
  const companionKey = await unwrapKey(code, wrappedCompanionKey);
  const ephemeral = generateKeyPair();
  return {
    wrappedPrimaryKey: await wrapKey(code, ephemeral.public),
    shared: agree(ephemeral.private, companionKey),
  };
}

/**
 * Opens the companion's key bundle and derives the secret that signs the pairing. Undefined when the bundle does not
 * open, which is how a phone learns that the code was wrong, or when it names other keys than expected.
 */
export function openKeyBundle(
  bundle: Buffer,
  shared: Buffer,
  phone: KeyPair,
  companion: Buffer,
): Buffer | undefined {
  if (bundle.length !== BUNDLE_BYTES) {
    return undefined;
  }
  const key = expand(shared, bundle.subarray(0, 32), 'link_code_pairing_key_bundle_encryption_key', 32);
  const decipher = createDecipheriv('aes-256-gcm', key, bundle.subarray(32, 44));
  decipher.setAuthTag(bundle.subarray(-16));
  try {
    const opened = Buffer.concat([decipher.update(bundle.subarray(44, -16)), decipher.final()]);
    if (!opened.subarray(0, 32).equals(companion) || !opened.subarray(32, 64).equals(phone.public)) {
      return undefined;
    }
    const identityShared = agree(phone.private, companion);
    return expand(
      Buffer.concat([shared, identityShared, opened.subarray(64)]),
      Buffer.alloc(0),
      'adv_secret',
      32,
    );
  } catch {
    return undefined;
  }
}

async function unwrapKey(code: string, wrapped: Buffer): Promise<Buffer> {
  const key = await derive(code, wrapped.subarray(0, 32), ITERATIONS, 32, 'sha256');
  const decipher = createDecipheriv('aes-256-ctr', key, wrapped.subarray(32, 48));
  return Buffer.concat([decipher.update(wrapped.subarray(48)), decipher.final()]);
}

async function wrapKey(code: string, publicKey: Buffer): Promise<Buffer> {
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-ctr', await derive(code, salt, ITERATIONS, 32, 'sha256'), iv);
  return Buffer.concat([salt, iv, cipher.update(publicKey), cipher.final()]);
}
