import { Injectable, type OnModuleInit } from '@nestjs/common';
import { SecretBox } from '../../common/secret-box.js';
import { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { KeyAgreement } from '../../secrets/key-agreement.js';
import { SessionContext } from '../session-context.js';
import type { SessionHandle } from '../session-handle.js';
import { SessionRegistry } from '../session-registry.js';
import { SessionVaults } from './session-vaults.js';

/** Sessions that get new keys by one call. */
const BATCH = 100;

/**
 * Gives sessions that run here new data keys when another key of `SESSION_ENCRYPTION_KEY` has become the one that seals: as if
 * they were taken over anew, but they stay on line.
 */
@Injectable()
export class DataKeyRenewal implements OnModuleInit {
  constructor(
    private readonly agreement: KeyAgreement,
    private readonly registry: SessionRegistry,
    private readonly vaults: SessionVaults,
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
      .flatMap(({ handle }) => (handle.poisoned || handle.vault.isUnder(sealing!) ? [] : [handle]));
    try {
      for (let start = 0; start < handles.length; start += BATCH) {
        await this.renewSome(handles.slice(start, start + BATCH));
      }
    } catch (err) {
      this.context.log.warn({ err }, 'running sessions have no new data keys yet');
    }
  }

  private async renewSome(handles: readonly SessionHandle[]): Promise<void> {
    const offers = handles.map(({ instanceId, epoch, vault }) => ({
      instanceId,
      epoch,
      offered: this.vaults.prepare(instanceId, vault),
    }));
    const renewed = await this.store.renewDataKeys(this.box.keyIds, offers);
    for (const { instanceId, vault } of handles) {
      const dataKeys = renewed.get(instanceId);
      if (dataKeys) {
        this.vaults.replace(instanceId, vault, dataKeys);
      }
    }
    this.context.log.info({ sessions: renewed.size }, 'running sessions have new data keys');
  }
}
