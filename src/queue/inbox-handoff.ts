import { Injectable } from '@nestjs/common';
import type { InboxRow, InboxRows, PersonAddress } from '../common/inbox.js';
import type { EarlyIngestion } from './early-ingestion.js';

/** What one call of the worker takes at most. */
const MAX_ROWS = 200;
const MAX_BYTES = 8 * 1024 * 1024;
/** Of each instance one call takes at most so many, so that a busy one does not hold up the others. */
const ROWS_EACH = 24;
/** An instance of which more than this waits has a backlog, which is claimed from the table. */
const MAX_WAITING_EACH = 4 * ROWS_EACH;

/**
 * Hands rows to a worker in the same process, in clear, so that it need neither claim nor open them: before their commit, for the commit to
 * ingest them, and right after it those that it did not. Only a short cut: what is refused here, or dropped, is found in the table.
 */
@Injectable()
export class InboxHandoff {
  private listener: (() => void) | undefined;
  private early: EarlyIngestion | undefined;
  private waiting: InboxRow[] = [];
  private bytes = 0;
  private owners = new Map<string, readonly PersonAddress[]>();
  /** Instances whose rows are left to the table until it has none of them. */
  private readonly behind = new Set<string>();
  /** Instances that commits do not ingest until what was handed over is done. */
  private readonly resting = new Set<string>();

  /** A worker takes rows here. */
  get isOpen(): boolean {
    return this.listener !== undefined;
  }

  /** Decides about rows before their commit; undefined where no worker does. */
  get earlyIngestion(): EarlyIngestion | undefined {
    return this.early;
  }

  /**
   * @param listener told of rows to take, later than the `offer` itself; one worker of the process at a time
   * @param early the same worker's, for rows that are about to be committed
   * @returns closes it again
   */
  open(listener: () => void, early?: EarlyIngestion): () => void {
    this.listener = listener;
    this.early = early;
    return () => {
      this.listener = undefined;
      this.early = undefined;
      this.clear();
    };
  }

  /**
   * @param received rows in the order of their commits
   * @returns the instances whose rows are not taken here: the caller then notifies of them
   */
  offer({ rows, owners }: InboxRows): Set<string> {
    if (this.waiting.length === 0) {
      this.owners = new Map();
    }
    const byInstance = Map.groupBy(rows, ({ instanceId }) => instanceId);
    const refused = new Set([...byInstance.keys()].filter((id) => !this.take(id, byInstance.get(id)!)));
    owners.forEach((addresses, organizationId) => this.owners.set(organizationId, addresses));
    return refused;
  }

  /** @returns whether rows of the instance may be ingested by their commit: it is known of no older ones that wait */
  mayIngestEarly(instanceId: string): boolean {
    return !this.behind.has(instanceId) && !this.resting.has(instanceId);
  }

  /** Commits of these instances would be held up by who has their organization: not before what waits here is done. */
  rest(instanceIds: Iterable<string>): void {
    for (const id of instanceIds) {
      this.resting.add(id);
    }
  }

  /** What these instances have in the table may be older than what is handed over: their rows are refused until `caughtUp`. */
  fallBehind(instanceIds: Iterable<string>): void {
    for (const id of instanceIds) {
      this.behind.add(id);
    }
  }

  /** @returns the instances whose rows are refused now */
  laggards(): string[] {
    return [...this.behind];
  }

  /** Nothing more of these instances was found in the table. */
  caughtUp(instanceIds: Iterable<string>): void {
    for (const id of instanceIds) {
      this.behind.delete(id);
    }
  }

  /** @returns the next batch; undefined when nothing waits */
  next(): InboxRows | undefined {
    if (this.waiting.length === 0) {
      this.resting.clear();
      return undefined;
    }
    const counts = new Map<string, number>();
    const [rows, later] = [[] as InboxRow[], [] as InboxRow[]];
    for (const row of this.waiting) {
      const count = counts.get(row.instanceId) ?? 0;
      counts.set(row.instanceId, count + 1);
      (count < ROWS_EACH ? rows : later).push(row);
    }
    this.waiting = later;
    this.bytes = bytesOf(later);
    return { rows, owners: this.owners };
  }

  /** Drops what waits. */
  clear(): void {
    this.waiting = [];
    this.bytes = 0;
    this.resting.clear();
  }

  private take(instanceId: string, rows: readonly InboxRow[]): boolean {
    const bytes = bytesOf(rows);
    if (!this.listener || this.behind.has(instanceId)) {
      return false;
    }
    const waiting = this.waiting.filter((row) => row.instanceId === instanceId).length;
    const isFull = this.waiting.length + rows.length > MAX_ROWS || this.bytes + bytes > MAX_BYTES;
    if (isFull || waiting + rows.length > MAX_WAITING_EACH) {
      this.behind.add(instanceId);
      return false;
    }
    if (this.waiting.length === 0) {
      setImmediate(() => this.listener?.());
    }
    this.waiting.push(...rows);
    this.bytes += bytes;
    return true;
  }
}

function bytesOf(rows: readonly InboxRow[]): number {
  return rows.reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
}
