import { Injectable } from '@nestjs/common';
import { InvalidStateError } from '../common/app-error.js';
import { Logs } from '../logging/logs.js';
import { BatchIngestion } from './batch-ingestion.js';
import { InboxClaims } from './inbox-claims.js';
import { IngestPlanner } from './ingest-planner.js';

/** One batch of the inbox: claimed, decoded, classified, written. */
@Injectable()
export class InboxBatch {
  private readonly log: ReturnType<Logs['component']>;

  constructor(
    private readonly claims: InboxClaims,
    private readonly planner: IngestPlanner,
    private readonly ingestion: BatchIngestion,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
  }

  /**
   * @param worker the name to claim rows with
   * @param limit how many rows to take, 1 to 500
   * @returns how many rows there were
   * @throws AppError when the database is away or closed none of them; the rows stay with this worker, which claims them again
   */
  async run(worker: string, limit: number): Promise<number> {
    const startedAt = performance.now();
    const rows = await this.claims.claim(worker, limit);
    if (rows.length > 0) {
      const closed = await this.claims.keep(worker, rows, async () =>
        this.ingestion.ingest(worker, await this.planner.plan(rows)),
      );
      if (closed === 0) {
        // Claiming the same rows at once, again and again, would help nobody.
        throw new InvalidStateError('inbox_rows_not_closed', 'The claimed rows could not be closed.');
      }
      this.log.debug(
        { rows: rows.length, durationMs: Math.round(performance.now() - startedAt) },
        'messages routed',
      );
    }
    return rows.length;
  }
}
