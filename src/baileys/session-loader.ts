import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { AuthenticationCreds } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import type { AcquiredSession } from '../repositories/session-batch.js';
import { SessionStoreRepository } from '../repositories/session-store.repository.js';
import { accountOf } from './account-of.js';
import { Backoff } from './backoff.js';
import { isUnavailable } from './commit-fault.js';
import { CommitLog } from './commit-log.js';
import { restoreCredentials } from './credentials-codec.js';
import { SessionHandle } from './session-handle.js';
import { SessionKeyStore } from './session-key-store.js';
import { SessionSettings } from './session-settings.js';
import { SessionVault } from './session-vault.js';

/** A session that this process owns. */
export interface OwnedSession {
  handle: SessionHandle;
  keys: SessionKeyStore;
  /** Live: Baileys mutates them in place. */
  creds: AuthenticationCreds;
  phoneNumber: string | null;
}

/** Takes sessions over, with everything that running them needs. */
@Injectable()
export class SessionLoader {
  private readonly log: Logger;

  constructor(
    private readonly store: SessionStoreRepository,
    private readonly vault: SessionVault,
    private readonly commitLog: CommitLog,
    private readonly settings: SessionSettings,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /**
   * Whoever held the session before can write nothing from now on.
   * @returns null when the instance is missing or deleted
   * @throws UpstreamError `database_unavailable`; Error when the stored credentials can't be opened
   */
  async acquire(instanceId: string): Promise<OwnedSession | null> {
    const acquired = await this.store.acquireSession(instanceId, this.config.nodeId);
    return acquired && this.own(instanceId, acquired);
  }

  /**
   * Like `acquire`, but waits until the database is there.
   * @param isCancelled asked before each attempt
   * @returns null also when it was cancelled, or when what is stored can't be used
   */
  async acquireWhenPossible(instanceId: string, isCancelled: () => boolean): Promise<OwnedSession | null> {
    const backoff = new Backoff(this.settings.reconnect);
    while (!isCancelled()) {
      await delay(backoff.nextDelayMs(), undefined, { ref: false });
      try {
        return await this.acquire(instanceId);
      } catch (error) {
        if (!isUnavailable(error)) {
          this.log.error({ err: error, instanceId }, 'session can not be taken over');
          return null;
        }
      }
    }
    return null;
  }

  private own(instanceId: string, acquired: AcquiredSession): OwnedSession {
    const sealed = acquired.sessionData;
    const creds = restoreCredentials(sealed && this.vault.openCredentials(instanceId, sealed));
    const handle = new SessionHandle(instanceId, acquired.epoch);
    handle.account = accountOf(creds);
    const keys = new SessionKeyStore(
      handle,
      { store: this.store, vault: this.vault, commitLog: this.commitLog, options: this.settings.keyStore },
      acquired,
    );
    return { handle, keys, creds, phoneNumber: acquired.phoneNumber };
  }
}
