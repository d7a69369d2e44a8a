import { Injectable } from '@nestjs/common';
import type { InboxRow } from '../common/inbox.js';
import { RepeatedTask } from '../common/repeated-task.js';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { type ClaimedInbox, InboxRepository } from '../repositories/inbox.repository.js';

/** How long rows stay out of other workers' reach; after a crash of this one, how long they wait. */
const LEASE_SECONDS = 5;
/** Twice within a lease, so that one renewal may fail. */
const RENEWAL_INTERVAL_MS = 2_000;

/**
 * Which rows are this worker's. A claim is short and renewed while a batch is in hand: a worker that was killed holds up
 * nobody for long. It is no lock: a late worker is stopped by the state of the rows, not by its claim.
 */
@Injectable()
export class InboxClaims {
  private readonly log: ReturnType<Logs['component']>;
  private isCleared: boolean;

  constructor(
    private readonly inbox: InboxRepository,
    config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
    // The embedded database is this process's alone: whoever claimed anything in it before is dead.
    this.isCleared = config.databaseUrl !== undefined || config.supabaseUrl !== undefined;
  }

  /**
   * @param worker the name to claim rows with
   * @param limit 1 to 500 rows
   * @returns the rows, in order, and what it takes to classify them
   */
  async claim(worker: string, limit: number): Promise<ClaimedInbox> {
    if (!this.isCleared) {
      const released = await this.inbox.releaseClaims();
      this.isCleared = true;
      if (released > 0) {
        this.log.info({ rows: released }, 'claims of an earlier process released');
      }
    }
    return this.inbox.claim({ worker, limit, leaseSeconds: LEASE_SECONDS });
  }

  /**
   * Keeps claimed rows until the work on them ends.
   * @throws whatever the work throws; a renewal that fails is not worth losing the work for
   */
  async keep<Result>(
    worker: string,
    rows: readonly InboxRow[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    const ids = rows.map((row) => row.id);
    const renewal = new RepeatedTask(
      () => this.inbox.renewClaims({ worker, ids, leaseSeconds: LEASE_SECONDS }),
      {
        everyMs: (tookMs) => Math.max(RENEWAL_INTERVAL_MS - tookMs, 0),
        onFailure: (err) => this.log.warn({ err }, 'claims can not be renewed'),
      },
    );
    renewal.start();
    try {
      return await work();
    } finally {
      await renewal.stop();
    }
  }
}
