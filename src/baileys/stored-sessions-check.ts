import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { ConfigError } from '../config/config-error.js';
import { Logs } from '../logging/logs.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import type { Instance } from '../repositories/instance.js';
import { SessionStoreRepository } from '../repositories/session-store.repository.js';
import { isUnavailable } from './commit-fault.js';
import { SessionVault } from './session-vault.js';

/** Sessions that are looked at before the verdict is that none can be opened. */
const SAMPLE = 5;
/** Keys that each linked session has under its own number, so that they can be read without taking it over. */
const OWN_KEYS = ['device-list', 'lid-mapping'];

/**
 * Keeps the service from starting with an encryption key that does not open what is stored: every session would fail, and
 * received messages would be set aside as unreadable. Runs before anything works on them.
 */
@Injectable()
export class StoredSessionsCheck implements OnModuleInit {
  private readonly log: Logger;

  constructor(
    private readonly instances: InstancesRepository,
    private readonly store: SessionStoreRepository,
    private readonly vault: SessionVault,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /** @throws ConfigError when of several stored sessions none can be opened */
  async onModuleInit(): Promise<void> {
    try {
      await this.check();
    } catch (err) {
      if (!isUnavailable(err)) {
        throw err;
      }
      this.log.warn({ err }, 'stored sessions not checked: database not available');
    }
  }

  private async check(): Promise<void> {
    const resumable = await this.instances.listResumable();
    let refused = 0;
    for (const instance of resumable.slice(0, SAMPLE)) {
      const isReadable = await this.isReadable(instance);
      if (isReadable) {
        return;
      }
      refused += isReadable === false ? 1 : 0;
    }
    if (refused > 0) {
      throw new ConfigError([
        'SESSION_ENCRYPTION_KEY does not open the sessions that are stored in this database. Configure the key that ' +
          'they were sealed with (a comma-separated list may name several: the first seals, all open).',
      ]);
    }
  }

  /** @returns undefined when there is nothing to tell by */
  private async isReadable({ id, accountPhone }: Instance): Promise<boolean | undefined> {
    if (accountPhone === null) {
      return undefined;
    }
    let readable: boolean | undefined;
    for (const type of OWN_KEYS) {
      const sealed = (await this.store.readSessionKeys(id, type, [accountPhone])).get(accountPhone);
      if (sealed) {
        readable ||= this.opens(id, type, accountPhone, sealed);
      }
    }
    return readable;
  }

  private opens(instanceId: string, type: string, id: string, sealed: Buffer): boolean {
    try {
      this.vault.openKey(instanceId, type, id, sealed);
      return true;
    } catch {
      return false;
    }
  }
}
