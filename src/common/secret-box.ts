import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';

const VERSION = 1;
const KEY_ID_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + IV_BYTES + TAG_BYTES;

/** Random bytes are drawn for so many values at once: a draw costs more than a value's share of it. */
const IV_POOL_SIZE = 256;

interface NamedKey {
  id: Buffer;
  key: KeyObject;
}

/**
 * Seals secrets with AES-256-GCM. A sealed value is
 * `version (1) || key id (4) || iv (12) || tag (16) || ciphertext`, so that several keys can be in use during a rotation.
 */
export class SecretBox {
  private readonly keys: NamedKey[];
  private readonly ivPool = Buffer.alloc(IV_BYTES * IV_POOL_SIZE);
  private ivsTaken = IV_POOL_SIZE;

  /**
   * @param keys 32-byte keys; the first one seals, all of them open
   * @throws RangeError when there is no key or one of another length
   */
  constructor(keys: Uint8Array[]) {
    if (keys.length === 0) {
      throw new RangeError('a secret box needs at least one key');
    }
    this.keys = keys.map((key) => {
      if (key.byteLength !== 32) {
        throw new RangeError(`a secret box key has 32 bytes, not ${key.byteLength}`);
      }
      const id = createHash('sha256').update('auzap key id').update(key).digest().subarray(0, KEY_ID_BYTES);
      return { id, key: createSecretKey(key) };
    });
  }

  /**
   * @param plaintext bytes to seal
   * @param context what the value is and where it belongs (instance, type, id …); bound as associated data, so that a
   *   sealed value copied to another place does not open there
   * @returns the sealed value
   */
  seal(plaintext: Uint8Array, context: readonly string[]): Buffer {
    const { id, key } = this.keys[0]!;
    const sealed = Buffer.allocUnsafe(HEADER_BYTES + plaintext.byteLength);
    const iv = this.nextIv();
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    cipher.setAAD(associatedData(context));
    sealed.set(cipher.update(plaintext), HEADER_BYTES);
    cipher.final();
    sealed[0] = VERSION;
    id.copy(sealed, 1);
    iv.copy(sealed, 1 + KEY_ID_BYTES);
    cipher.getAuthTag().copy(sealed, HEADER_BYTES - TAG_BYTES);
    return sealed;
  }

  /**
   * @param sealed a value made by `seal`
   * @param context the context given to `seal`
   * @returns the plaintext
   * @throws Error when the value is malformed, sealed by an unknown key, or was changed or moved
   */
  open(sealed: Uint8Array, context: readonly string[]): Buffer {
    const value = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (value.length < HEADER_BYTES || value[0] !== VERSION) {
      throw new Error('not a sealed value of a known version');
    }
    const id = value.subarray(1, 1 + KEY_ID_BYTES);
    const named = this.keys.find((candidate) => candidate.id.equals(id));
    if (!named) {
      throw new Error('sealed by a key that is not configured');
    }
    const iv = value.subarray(1 + KEY_ID_BYTES, 1 + KEY_ID_BYTES + IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', named.key, iv, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(value.subarray(HEADER_BYTES - TAG_BYTES, HEADER_BYTES));
    decipher.setAAD(associatedData(context));
    return Buffer.concat([decipher.update(value.subarray(HEADER_BYTES)), decipher.final()]);
  }

  /** @returns random bytes that no other value gets */
  private nextIv(): Buffer {
    if (this.ivsTaken === IV_POOL_SIZE) {
      randomFillSync(this.ivPool);
      this.ivsTaken = 0;
    }
    const start = IV_BYTES * this.ivsTaken++;
    return this.ivPool.subarray(start, start + IV_BYTES);
  }
}

function associatedData(context: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(context));
}
