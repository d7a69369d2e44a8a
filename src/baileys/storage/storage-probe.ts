import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { Backoff } from '../../common/backoff.js';
import { isUnavailable } from './commit-fault.js';
import { CommitLog } from './commit-log.js';
import { SessionSettings } from '../session-settings.js';
import { StoreStuckError } from './store-stuck-error.js';
import { withTimeout } from '../with-timeout.js';

const NOTHING = { epochs: [], credentials: [], upserts: [], deletes: [], inbox: [] };

/**
 * Finds out when the database takes writes again: one small question at a time for all who wait, instead of each of
 * them trying for itself. The question is an empty batch, which is a write, so that a full disk is noticed too.
 */
@Injectable()
export class StorageProbe {
  private readonly writer: string = randomUUID();
  private seq = 1;
  private asking: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly store: SessionStoreRepository,
    private readonly commitLog: CommitLog,
    private readonly settings: SessionSettings,
  ) {
    commitLog.storage.onGivenUp(() => void this.untilUp());
  }

  /** Settles when the database takes a write, or when the probe is stopped. Never rejects. */
  untilUp(): Promise<void> {
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking;
  }

  stop(): void {
    this.isStopped = true;
  }

  private async ask(): Promise<void> {
    const { timeoutMs, baseMs, maxMs } = this.settings.storageProbe;
    const backoff = new Backoff({ baseMs, maxMs });
    while (!this.isStopped) {
      try {
        const call = this.store.commitBatch({ ...NOTHING, writer: this.writer, seq: this.seq });
        await withTimeout(call, timeoutMs, () => new StoreStuckError());
        this.seq += 1;
        return this.commitLog.storageIsBack();
      } catch (error) {
        if (!isUnavailable(error)) {
          // It answers, whatever it is that it does not like.
          return this.commitLog.storageIsBack();
        }
        this.commitLog.storage.failed(error);
      }
      await delay(baseMs / 2 + backoff.nextDelayMs(), undefined, { ref: false });
    }
  }
}
