import { randomUUID } from 'node:crypto';
import { DatabaseRejectedError } from '../../repositories/database-rejected-error.js';
import type { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { withTimeout } from '../../common/with-timeout.js';
import { StoreStuckError } from './store-stuck-error.js';

/** A batch without rows. */
export const NOTHING = { epochs: [], credentials: [], upserts: [], deletes: [], inbox: [] };

/** Asks whether the database takes writes, by committing nothing: a write, so that a full disk is noticed, too. */
export class EmptyCommits {
  /** A writer of its own: an answer that is lost must not use up a number of somebody who has something to say. */
  private writer: string = randomUUID();
  private seq = 1;

  constructor(private readonly store: Pick<SessionStoreRepository, 'commitBatch'>) {}

  /** @throws whatever kept it from being committed */
  async commit(timeoutMs: number): Promise<void> {
    const call = this.store.commitBatch({ ...NOTHING, writer: this.writer, seq: this.seq });
    try {
      await withTimeout(call, timeoutMs, () => new StoreStuckError());
      this.seq += 1;
    } catch (error) {
      // A database that was put back to an earlier state does not know our numbers.
      if (error instanceof DatabaseRejectedError && error.sqlState === 'AZ002') {
        this.writer = randomUUID();
        this.seq = 1;
      }
      throw error;
    }
  }
}
