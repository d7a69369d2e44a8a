import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { KeyMissingError, SecretBox } from '../../common/secret-box.js';
import { ConfigError } from '../../config/config-error.js';
import { Logs } from '../../logging/logs.js';
import { DataKeysRepository } from '../../repositories/data-keys.repository.js';
import { InstancesRepository } from '../../repositories/instances.repository.js';
import { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { isUnavailable } from './commit-fault.js';

/** Sessions that are looked at which may have values from before there were data keys. */
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
    private readonly dataKeys: DataKeysRepository,
    private readonly box: SecretBox,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /** @throws ConfigError when a stored session was sealed by a key that is not configured */
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
    if ((await this.dataKeys.countLockedSessions(this.box.keyIds)) > 0) {
      throw keyMissing();
    }
    for (const { id, accountPhone } of await this.instances.listResumable(SAMPLE)) {
      if (accountPhone !== null && (await this.isKeyMissingFor(id, accountPhone))) {
        throw keyMissing();
      }
    }
  }

  private async isKeyMissingFor(instanceId: string, phone: string): Promise<boolean> {
    for (const type of OWN_KEYS) {
      const sealed = (await this.store.readSessionKeys(instanceId, type, [phone])).get(phone);
      if (sealed && this.isKeyMissing(instanceId, type, phone, sealed)) {
        return true;
      }
    }
    return false;
  }

  /** A value that is damaged, or sealed by a data key, concerns its own session only. */
  private isKeyMissing(instanceId: string, type: string, id: string, sealed: Buffer): boolean {
    try {
      this.box.open(sealed, [instanceId, type, id]);
      return false;
    } catch (error) {
      return error instanceof KeyMissingError;
    }
  }
}

function keyMissing(): ConfigError {
  return new ConfigError([
    'SESSION_ENCRYPTION_KEY does not open the sessions that are stored in this database. Configure the key that they ' +
      'were sealed with (a comma-separated list may name several: the first seals, all open). While keys are rotated, ' +
      'the old one stays in the list until `npm run admin -- rotate-keys` has said that it is not needed any more.',
  ]);
}
