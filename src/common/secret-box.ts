import {
  BY_MASTER_KEY,
  openWith,
  readSealed,
  sealingKey,
  type SealingKey,
  sealWith,
  versionOf,
} from './sealed-value.js';

/** Opens what was sealed, wherever the key comes from. */
export interface Opener {
  /**
   * @param sealed a sealed value
   * @param context the context that it was sealed with
   * @throws Error when the value is malformed, sealed by an unknown key, or was changed or moved
   */
  open(sealed: Uint8Array, context: readonly string[]): Buffer;
}

/** A value names a key of `SESSION_ENCRYPTION_KEY` that is not configured. */
export class KeyMissingError extends Error {
  constructor() {
    super('sealed by a key that is not configured');
  }
}

/**
 * Seals with the keys of `SESSION_ENCRYPTION_KEY` themselves: data keys, and what lives for a moment only. Several keys can be
 * in use during a rotation.
 */
export class SecretBox implements Opener {
  private keys: readonly SealingKey[];

  /**
   * @param keys 32-byte keys; the first one seals until `sealWith` names another one, all of them open
   * @throws RangeError when there is no key or one of another length
   */
  constructor(keys: Uint8Array[]) {
    if (keys.length === 0) {
      throw new RangeError('a secret box needs at least one key');
    }
    this.keys = keys.map((key) => sealingKey(BY_MASTER_KEY, key));
  }

  readonly canSeal = true;

  /**
   * From now on this key seals.
   * @param id of one of the keys, see `keyIds`; another one is ignored
   */
  sealWith(id: Buffer): void {
    const key = this.find(id);
    if (key) {
      this.keys = [key, ...this.keys.filter((other) => other !== key)];
    }
  }

  /** What names the keys in sealed values; that of the one that seals comes first. */
  get keyIds(): Buffer[] {
    return this.keys.map(({ id }) => id);
  }

  /**
   * @param plaintext bytes to seal
   * @param context what the value is and where it belongs (instance, type, id …); bound as associated data, so that a
   *   sealed value copied to another place does not open there
   * @returns the sealed value
   */
  seal(plaintext: Uint8Array, context: readonly string[]): Buffer {
    return sealWith(this.keys[0]!, plaintext, context);
  }

  /** @throws KeyMissingError; Error when the value is malformed, sealed by a data key, or was changed or moved */
  open(sealed: Uint8Array, context: readonly string[]): Buffer {
    const { version, id, value } = readSealed(sealed);
    const key = version === BY_MASTER_KEY ? this.find(id) : undefined;
    if (!key) {
      throw version === BY_MASTER_KEY ? new KeyMissingError() : new Error('sealed by a data key');
    }
    return openWith(key, value, context);
  }

  /** @returns whether a value names a key that is not configured */
  lacksKeyOf(sealed: Uint8Array): boolean {
    return versionOf(sealed) === BY_MASTER_KEY && !this.find(readSealed(sealed).id);
  }

  private find(id: Buffer): SealingKey | undefined {
    return this.keys.find((key) => key.id.equals(id));
  }
}
