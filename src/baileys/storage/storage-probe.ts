import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { Backoff } from '../../common/backoff.js';
import { SingleFlight } from '../../common/single-flight.js';
import { GroupCommit } from './group-commit.js';
import { EmptyCommits } from './empty-commits.js';
import { SessionSettings } from '../settings/session-settings.js';

/**
 * Finds out when the database takes writes again: one small question at a time for all who wait, instead of each of
 * them trying for itself. Only a commit that worked is an answer: a refusal comes from gateways, too.
 */
@Injectable()
export class StorageProbe {
  private readonly question: EmptyCommits;
  private readonly asking = new SingleFlight<void>();
  private isStopped = false;

  constructor(
    store: SessionStoreRepository,
    private readonly groupCommit: GroupCommit,
    private readonly settings: SessionSettings,
  ) {
    this.question = new EmptyCommits(store);
    groupCommit.storage.onGivenUp(() => void this.untilUp());
  }

  /** Settles when the database takes a write, or when the probe is stopped. Never rejects. */
  untilUp(): Promise<void> {
    return this.asking.run(() => this.ask());
  }

  stop(): void {
    this.isStopped = true;
  }

  private async ask(): Promise<void> {
    const { timeoutMs, baseMs, maxMs } = this.settings.storageProbe;
    const backoff = new Backoff({ baseMs, maxMs });
    while (!this.isStopped) {
      try {
        await this.question.commit(timeoutMs);
        return this.groupCommit.storageIsBack();
      } catch (error) {
        this.groupCommit.storage.failed(error);
      }
      await delay(baseMs / 2 + backoff.nextDelayMs(), undefined, { ref: false });
    }
  }
}
