import { Injectable } from '@nestjs/common';
import { DataKeys, makeDataKey } from '../../common/data-keys.js';
import { SecretBox } from '../../common/secret-box.js';
import type { AcquiredSession, OfferedDataKeys } from '../../repositories/session-batch.js';
import { KeyRing } from '../../secrets/key-ring.js';
import { SessionCipher, type CipherKeys } from './session-cipher.js';

type StoredDataKeys = AcquiredSession['dataKeys'];

/** The ciphers of the sessions that this process takes over. */
@Injectable()
export class SessionCiphers {
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
  open(instanceId: string, stored: StoredDataKeys): SessionCipher {
    const keys = this.unwrap(instanceId, stored);
    // A worker in this process need not ask for it.
    this.ring.put(instanceId, keys.inbox);
    return new SessionCipher(instanceId, keys);
  }

  /**
   * Offers new data keys to a session that runs. Its cipher opens what they seal from now on: once they are stored somebody else
   * may seal with them.
   */
  prepare(instanceId: string, cipher: SessionCipher): OfferedDataKeys {
    const offered = this.offer(instanceId);
    const { session, inbox } = offered;
    cipher.expect(
      this.unwrap(instanceId, {
        session: [{ ...session, isCurrent: true }],
        inbox: [{ ...inbox, isCurrent: true }],
      }),
    );
    return offered;
  }

  /** @param stored what a session that runs has from now on @throws Error when that can't be opened */
  replace(instanceId: string, cipher: SessionCipher, stored: StoredDataKeys): void {
    const keys = this.unwrap(instanceId, stored);
    this.ring.put(instanceId, keys.inbox);
    cipher.adopt(keys);
  }

  private unwrap(id: string, { session, inbox }: StoredDataKeys): CipherKeys {
    return {
      inbox: DataKeys.unwrap(this.box, { id, purpose: 'inbox' }, inbox),
      session: DataKeys.unwrap(this.box, { id, purpose: 'session' }, session),
    };
  }
}
