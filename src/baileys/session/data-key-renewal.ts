import { Injectable, type OnModuleInit } from '@nestjs/common';
import { SecretBox } from '../../common/secret-box.js';
import { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { KeyRollout } from '../../secrets/key-rollout.js';
import { SessionContext } from './session-context.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import { SessionRegistry } from './session-registry.js';
import { SessionCiphers } from '../sealing/session-ciphers.js';

/** Sessions that get new keys by one call. */
const BATCH = 100;

/**
 * Gives sessions that run here new data keys when another key of `SESSION_ENCRYPTION_KEY` has become the one that seals: as if
 * they were taken over anew, but they stay on line.
 */
@Injectable()
export class DataKeyRenewal implements OnModuleInit {
  constructor(
    private readonly agreement: KeyRollout,
    private readonly registry: SessionRegistry,
    private readonly ciphers: SessionCiphers,
    private readonly store: SessionStoreRepository,
    private readonly box: SecretBox,
    private readonly context: SessionContext,
  ) {}

  onModuleInit(): void {
    this.agreement.onAgreed(() => this.renew());
  }

  /** Never rejects: what fails is tried again after the next agreement. */
  private async renew(): Promise<void> {
    const [sealing] = this.box.keyIds;
    const handles = this.registry
      .all()
      .flatMap(({ handle }) => (handle.revoked || handle.cipher.isUnder(sealing!) ? [] : [handle]));
    try {
      for (let start = 0; start < handles.length; start += BATCH) {
        await this.renewSome(handles.slice(start, start + BATCH));
      }
    } catch (err) {
      this.context.log.warn({ err }, 'running sessions have no new data keys yet');
    }
  }

  private async renewSome(handles: readonly SessionHandle[]): Promise<void> {
    const offers = handles.map(({ instanceId, epoch, cipher }) => ({
      instanceId,
      epoch,
      offered: this.ciphers.prepare(instanceId, cipher),
    }));
    const renewed = await this.store.renewDataKeys(this.box.keyIds, offers);
    for (const { instanceId, cipher } of handles) {
      const dataKeys = renewed.get(instanceId);
      if (dataKeys) {
        this.ciphers.replace(instanceId, cipher, dataKeys);
      }
    }
    this.context.log.info({ sessions: renewed.size }, 'running sessions have new data keys');
  }
}
