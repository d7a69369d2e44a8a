import type { InboxRows } from '../common/inbox.js';
import type { EarlyIngest, EarlyIngested, NewInboxRow } from '../repositories/session-batch.js';

/** What a worker decided about rows that are not stored yet, until it is known what came of it. */
export interface PlannedIngest {
  /** For the commit. */
  readonly ingest: EarlyIngest;
  /**
   * The rows are stored.
   * @returns those that still have to be ingested, in the order of their commit
   */
  committed(result: EarlyIngested): InboxRows;
  /** The commit failed, or nobody knows. */
  failed(): void;
}

/**
 * Decides about received rows before they are stored, so that the call that stores them ingests them, too. Port between the group commit
 * and the worker of the same process; only a short cut: whatever it leaves is found in the table.
 */
export interface EarlyIngestion {
  /**
   * @param rows in the order in which they will be stored
   * @returns undefined where there is nothing to decide; never rejects
   */
  plan(rows: readonly NewInboxRow[]): Promise<PlannedIngest | undefined>;
}
