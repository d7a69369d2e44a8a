import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';

/** Sealed by a key of `SESSION_ENCRYPTION_KEY` itself. */
export const BY_MASTER_KEY = 1;
/** Sealed by a data key, which a key of `SESSION_ENCRYPTION_KEY` seals. */
export const BY_DATA_KEY = 2;

const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + IV_BYTES + TAG_BYTES;

/** Random bytes are drawn for so many values at once: a draw costs more than a value's share of it. */
const IV_POOL_SIZE = 256;
const ivPool = Buffer.alloc(IV_BYTES * IV_POOL_SIZE);
let ivsTaken = IV_POOL_SIZE;

type Version = typeof BY_MASTER_KEY | typeof BY_DATA_KEY;

/**
 * A key with what the values that it seals begin with. A sealed value is
 * `version (1) || key id (4) || iv (12) || tag (16) || ciphertext` (AES-256-GCM).
 */
export interface SealingKey {
  readonly version: Version;
  readonly id: Buffer;
  readonly key: KeyObject;
}

/**
 * @param version what kind of key it is
 * @param bytes the key
 * @throws RangeError when it has not 32 bytes
 */
export function sealingKey(version: Version, bytes: Uint8Array): SealingKey {
  if (bytes.byteLength !== KEY_BYTES) {
    throw new RangeError(`a secret box key has ${KEY_BYTES} bytes, not ${bytes.byteLength}`);
  }
  const id = createHash('sha256').update('auzap key id').update(bytes).digest().subarray(0, KEY_ID_BYTES);
  return { version, id, key: createSecretKey(bytes) };
}

/**
 * @param plaintext bytes to seal
 * @param context what the value is and where it belongs; bound as associated data
 * @returns the sealed value
 */
export function sealWith(
  { version, id, key }: SealingKey,
  plaintext: Uint8Array,
  context: readonly string[],
): Buffer {
  const sealed = Buffer.allocUnsafe(HEADER_BYTES + plaintext.byteLength);
  const iv = nextIv();
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(associatedData(context));
  sealed.set(cipher.update(plaintext), HEADER_BYTES);
  cipher.final();
  sealed[0] = version;
  id.copy(sealed, 1);
  iv.copy(sealed, 1 + KEY_ID_BYTES);
  cipher.getAuthTag().copy(sealed, HEADER_BYTES - TAG_BYTES);
  return sealed;
}

/**
 * @param value a value that names this key
 * @throws Error when it was changed or moved
 */
export function openWith({ key }: SealingKey, value: Buffer, context: readonly string[]): Buffer {
  const iv = value.subarray(1 + KEY_ID_BYTES, 1 + KEY_ID_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(value.subarray(HEADER_BYTES - TAG_BYTES, HEADER_BYTES));
  decipher.setAAD(associatedData(context));
  return Buffer.concat([decipher.update(value.subarray(HEADER_BYTES)), decipher.final()]);
}

/**
 * @returns the value as a buffer, and the kind and the id of the key that sealed it
 * @throws Error when it is no sealed value
 */
export function readSealed(sealed: Uint8Array): { version: Version; id: Buffer; value: Buffer } {
  const version = versionOf(sealed);
  if (version === undefined) {
    throw new Error('not a sealed value of a known version');
  }
  const value = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  return { version, id: value.subarray(1, 1 + KEY_ID_BYTES), value };
}

/** @returns what kind of key it takes to open the value; undefined when it is no sealed value */
export function versionOf(sealed: Uint8Array): Version | undefined {
  const version = sealed[0];
  const isKnown = version === BY_MASTER_KEY || version === BY_DATA_KEY;
  return isKnown && sealed.byteLength >= HEADER_BYTES ? version : undefined;
}

/** @returns random bytes that no other value gets */
function nextIv(): Buffer {
  if (ivsTaken === IV_POOL_SIZE) {
    randomFillSync(ivPool);
    ivsTaken = 0;
  }
  const start = IV_BYTES * ivsTaken++;
  return ivPool.subarray(start, start + IV_BYTES);
}

function associatedData(context: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(context));
}
