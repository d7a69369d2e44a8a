import { randomBytes } from 'node:crypto';
import type { Opener, SecretBox } from './secret-box.js';
import {
  BY_DATA_KEY,
  BY_MASTER_KEY,
  openWith,
  readSealed,
  sealingKey,
  type SealingKey,
  sealWith,
  versionOf,
} from './sealed-value.js';

/** What a data key seals: a session's credentials and keys, bodies of received messages, an organization's secrets. */
export type DataKeyPurpose = 'session' | 'inbox' | 'organization';

/** Whose key it is, and for what; bound to the wrapped key, so that it opens nowhere else. */
export interface DataKeyOwner {
  /** Id of the instance, or of the organization. */
  id: string;
  purpose: DataKeyPurpose;
}

/** A data key as the database has it. */
export interface WrappedKey {
  /** What values that it sealed name it by. */
  keyId: Buffer;
  /** Sealed by a key of `SESSION_ENCRYPTION_KEY`. */
  wrapped: Buffer;
}

export interface StoredDataKey extends WrappedKey {
  /** It seals; others only open. */
  isCurrent: boolean;
}

/** @returns a new random data key */
export function makeDataKey(master: SecretBox, owner: DataKeyOwner): WrappedKey {
  const bytes = randomBytes(32);
  return { keyId: sealingKey(BY_DATA_KEY, bytes).id, wrapped: master.seal(bytes, contextOf(owner)) };
}

/**
 * @returns the same data key, sealed by the first key of `SESSION_ENCRYPTION_KEY`
 * @throws Error as `SecretBox.open`
 */
export function rewrap(master: SecretBox, owner: DataKeyOwner, wrapped: Buffer): Buffer {
  return master.seal(master.open(wrapped, contextOf(owner)), contextOf(owner));
}

/**
 * The data keys of one owner for one purpose. Values from before there were data keys are opened, too: those were sealed by a
 * key of `SESSION_ENCRYPTION_KEY` itself.
 */
export class DataKeys implements Opener {
  private constructor(
    private readonly master: SecretBox,
    private readonly keys: readonly SealingKey[],
    private readonly current: SealingKey | undefined,
    private readonly masterId: string | undefined,
  ) {}

  /**
   * @param stored all of the owner's keys for the purpose; retired ones that can't be opened are left out
   * @throws Error when the current one can't be opened, see `SecretBox.open`
   */
  static unwrap(master: SecretBox, owner: DataKeyOwner, stored: readonly StoredDataKey[]): DataKeys {
    let current: SealingKey | undefined;
    let masterId: string | undefined;
    const keys: SealingKey[] = [];
    for (const { wrapped, isCurrent } of stored) {
      try {
        const key = sealingKey(BY_DATA_KEY, master.open(wrapped, contextOf(owner)));
        keys.push(key);
        if (isCurrent) {
          current = key;
          masterId = readSealed(wrapped).id.toString('hex');
        }
      } catch (error) {
        if (isCurrent) {
          throw error;
        }
      }
    }
    return new DataKeys(master, keys, current, masterId);
  }

  /** @returns whether the key of `SESSION_ENCRYPTION_KEY` with this id wrapped the one that seals */
  isUnder(masterId: Buffer): boolean {
    return this.masterId === masterId.toString('hex');
  }

  /** Whether there is a key to seal with. */
  get canSeal(): boolean {
    return this.current !== undefined;
  }

  /**
   * @param plaintext bytes to seal
   * @param context as `SecretBox.seal`
   * @throws Error when there is no key to seal with
   */
  seal(plaintext: Uint8Array, context: readonly string[]): Buffer {
    if (!this.current) {
      throw new Error('there is no data key to seal with');
    }
    return sealWith(this.current, plaintext, context);
  }

  /** @throws Error when the value is malformed, sealed by an unknown key, or was changed or moved */
  open(sealed: Uint8Array, context: readonly string[]): Buffer {
    const { version, id, value } = readSealed(sealed);
    if (version === BY_MASTER_KEY) {
      return this.master.open(sealed, context);
    }
    const key = this.find(id);
    if (!key) {
      throw new Error('sealed by a data key that is gone');
    }
    return openWith(key, value, context);
  }

  /** @returns whether the value names a data key that is not among these */
  lacksKeyOf(sealed: Uint8Array): boolean {
    return versionOf(sealed) === BY_DATA_KEY && !this.find(readSealed(sealed).id);
  }

  private find(id: Buffer): SealingKey | undefined {
    return this.keys.find((key) => key.id.equals(id));
  }
}

function contextOf({ id, purpose }: DataKeyOwner): string[] {
  return [id, 'data key', purpose];
}
