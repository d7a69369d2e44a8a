import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppError } from '../common/app-error.js';
import { DataKeys } from '../common/data-keys.js';
import { KeyMissingError, SecretBox } from '../common/secret-box.js';
import { BY_DATA_KEY, versionOf } from '../common/sealed-value.js';
import { DataKeysRepository } from '../repositories/data-keys.repository.js';

const MAX_INSTANCES = 10_000;
/** A shredded key is forgotten within this time, in ms. */
const FORGET_MS = 10 * 60_000;

/** A value with the instance whose key opens it. */
export interface SealedBody {
  instanceId: string;
  body: Buffer | null;
}

/** The data keys for received messages of all instances, as far as this process has needed them lately. */
@Injectable()
export class KeyRing {
  private readonly known = new LRUCache<string, DataKeys>({ max: MAX_INSTANCES, ttl: FORGET_MS });

  constructor(
    private readonly repository: DataKeysRepository,
    private readonly master: SecretBox,
  ) {}

  /** Takes over what somebody else has read already. */
  put(instanceId: string, inboxKeys: DataKeys): void {
    this.known.set(instanceId, inboxKeys);
  }

  /**
   * Asks the database once for all keys that are not known yet.
   *
   * @returns by instance what opens these bodies; a key that was shredded is not among it
   * @throws AppError `database_unavailable`
   * @throws AppError `encryption_key_missing`: the configuration lacks a key, and with it the bodies could be opened
   */
  async forBodies(values: readonly SealedBody[]): Promise<ReadonlyMap<string, DataKeys>> {
    const found = new Map<string, DataKeys>();
    const unknown = new Set<string>();
    for (const { instanceId, body } of values) {
      const keys = found.get(instanceId) ?? this.known.get(instanceId);
      if (body && (keys ? keys.lacksKeyOf(body) : versionOf(body) === BY_DATA_KEY)) {
        unknown.add(instanceId);
      }
      found.set(instanceId, keys ?? this.unwrap(instanceId, []));
    }
    if (unknown.size > 0) {
      for (const [instanceId, stored] of await this.repository.listOfInstances([...unknown], 'inbox')) {
        const keys = this.unwrap(instanceId, stored);
        found.set(instanceId, keys);
        this.known.set(instanceId, keys);
      }
    }
    return found;
  }

  /**
   * @returns by instance what seals for it; an instance whose key was shredded has none
   * @throws AppError as `forBodies`
   */
  async forSealing(instanceIds: Iterable<string>): Promise<ReadonlyMap<string, DataKeys>> {
    const found = new Map<string, DataKeys>();
    const unknown: string[] = [];
    for (const instanceId of new Set(instanceIds)) {
      const keys = this.known.get(instanceId);
      if (keys?.canSeal) {
        found.set(instanceId, keys);
      } else {
        unknown.push(instanceId);
      }
    }
    if (unknown.length > 0) {
      for (const [instanceId, stored] of await this.repository.listOfInstances(unknown, 'inbox')) {
        const keys = this.unwrap(instanceId, stored);
        this.known.set(instanceId, keys);
        if (keys.canSeal) {
          found.set(instanceId, keys);
        }
      }
    }
    return found;
  }

  private unwrap(instanceId: string, stored: Parameters<typeof DataKeys.unwrap>[2]): DataKeys {
    try {
      return DataKeys.unwrap(this.master, { id: instanceId, purpose: 'inbox' }, stored);
    } catch (cause) {
      throw cause instanceof KeyMissingError ? keyMissing(instanceId, cause) : cause;
    }
  }
}

function keyMissing(instanceId: string, cause: Error): AppError {
  const message =
    `Messages of instance ${instanceId} are sealed under a key that SESSION_ENCRYPTION_KEY of this process does not name. ` +
    'They wait until it does.';
  return new AppError('encryption_key_missing', { message, cause });
}
