import { Injectable } from '@nestjs/common';
import { DataKeys, makeDataKey } from '../common/data-keys.js';
import { SecretBox } from '../common/secret-box.js';
import type { AcquiredSession, OfferedDataKeys } from '../repositories/session-batch.js';
import { KeyRing } from '../secrets/key-ring.js';
import { SessionVault } from './session-vault.js';

/** The vaults of the sessions that this process takes over. */
@Injectable()
export class SessionVaults {
  constructor(
    private readonly box: SecretBox,
    private readonly ring: KeyRing,
  ) {}

  /** @returns data keys for a session that has none, or whose own were wrapped by a key that is no longer the first */
  offer(instanceId: string): OfferedDataKeys {
    return {
      masterIds: this.box.keyIds,
      session: makeDataKey(this.box, { id: instanceId, purpose: 'session' }),
      inbox: makeDataKey(this.box, { id: instanceId, purpose: 'inbox' }),
    };
  }

  /** @throws Error when its data keys can't be opened */
  open(instanceId: string, { session, inbox }: AcquiredSession['dataKeys']): SessionVault {
    const inboxKeys = DataKeys.unwrap(this.box, { id: instanceId, purpose: 'inbox' }, inbox);
    const sessionKeys = DataKeys.unwrap(this.box, { id: instanceId, purpose: 'session' }, session);
    // A worker in this process need not ask for it.
    this.ring.put(instanceId, inboxKeys);
    return new SessionVault(instanceId, sessionKeys, inboxKeys);
  }
}
