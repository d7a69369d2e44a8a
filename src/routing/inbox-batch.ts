import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import type { InboxRows } from '../common/inbox.js';
import { MESSAGE_STEPS, passed } from '../common/message-steps.js';
import { Logs } from '../logging/logs.js';
import { BatchIngestion } from './batch-ingestion.js';
import { InboxClaims } from './inbox-claims.js';
import { IngestPlanner } from './ingest-planner.js';

/** What a claim left behind. */
export interface ClaimOutcome {
  /** Rows may wait that this worker could take at once. */
  isWorkLeft: boolean;
  /** Of which instances there were rows; undefined where there may be more than were taken. */
  instanceIds?: ReadonlySet<string> | undefined;
  /** Other workers hold rows: when the first of their claims ends, in ms, should its worker be dead. */
  freeInMs?: number | undefined;
}

/** One batch of the inbox: decoded, classified, written. */
@Injectable()
export class InboxBatch {
  private readonly log: ReturnType<Logs['component']>;
  /** The first row of the last claim, where that closed nothing. */
  private unclosed: string | undefined;

  constructor(
    private readonly claims: InboxClaims,
    private readonly planner: IngestPlanner,
    private readonly ingestion: BatchIngestion,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
  }

  /**
   * Takes a batch from the table.
   * @param worker the name to claim rows with
   * @param limit how many rows to take, 1 to 500
   * @returns what may be left. Only a claim that finds nothing ends the work: what came for an instance while this worker had
   *   its rows in hand, no other worker could take
   * @throws AppError when the database is away or closed none of them, twice; the rows stay with this worker, which claims them again
   */
  async claim(worker: string, limit: number): Promise<ClaimOutcome> {
    const claimed = await this.claims.claim(worker, limit);
    const { rows, freeInMs } = claimed;
    if (rows.length === 0) {
      return { isWorkLeft: false, instanceIds: new Set(), freeInMs };
    }
    const closed = await this.claims.keep(worker, rows, () => this.write(worker, claimed));
    const isStuck = closed === 0 && this.unclosed === rows[0]!.id;
    this.unclosed = closed === 0 ? rows[0]!.id : undefined;
    // They may have been handed over meanwhile, too, and closed; claimed once more, they help nobody.
    if (isStuck) {
      throw new AppError('inbox_rows_not_closed');
    }
    const isCut = rows.length >= limit;
    return { isWorkLeft: true, instanceIds: isCut ? undefined : new Set(rows.map((row) => row.instanceId)) };
  }

  /**
   * Routes rows that are not claimed.
   * @param worker the name of whoever does it
   * @returns whether all were closed; others may be claimed by another worker, or must wait for older ones
   * @throws AppError when the database is away
   */
  async take(worker: string, received: InboxRows): Promise<boolean> {
    return (await this.write(worker, received)) === received.rows.length;
  }

  private async write(worker: string, received: InboxRows): Promise<number> {
    const startedAt = performance.now();
    passed(MESSAGE_STEPS.taken, received);
    const items = await this.planner.plan(received);
    passed(MESSAGE_STEPS.planned, items);
    const closed = await this.ingestion.ingest(worker, items);
    const durationMs = Math.round(performance.now() - startedAt);
    this.log.debug({ rows: received.rows.length, durationMs }, 'messages routed');
    return closed;
  }
}
