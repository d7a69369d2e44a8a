import { Injectable } from '@nestjs/common';
import type { InboxRow, InboxRows, PersonAddress } from '../common/inbox.js';

/** What one call of the worker takes at most. */
const MAX_ROWS = 200;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Hands rows that were just committed to a worker in the same process, so that it need not claim them. Only a short cut:
 * what is refused here, or dropped, is found in the table.
 */
@Injectable()
export class FreshInbox {
  private listener: (() => void) | undefined;
  private waiting: InboxRow[] = [];
  private bytes = 0;
  private owners = new Map<string, readonly PersonAddress[]>();

  /** A worker takes rows here. */
  get isOpen(): boolean {
    return this.listener !== undefined;
  }

  /**
   * @param listener told of rows to take, later than the `offer` itself; one worker of the process at a time
   * @returns closes it again
   */
  open(listener: () => void): () => void {
    this.listener = listener;
    return () => {
      this.listener = undefined;
      this.clear();
    };
  }

  /**
   * @param received rows in the order of their commits
   * @returns false when nobody takes them: the caller then rings the bell
   */
  offer({ rows, owners }: InboxRows): boolean {
    const bytes = rows.reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
    const isFull = this.waiting.length + rows.length > MAX_ROWS || this.bytes + bytes > MAX_BYTES;
    if (!this.listener || isFull) {
      return false;
    }
    if (this.waiting.length === 0) {
      setImmediate(() => this.listener?.());
    }
    this.waiting.push(...rows);
    this.bytes += bytes;
    owners.forEach((addresses, organizationId) => this.owners.set(organizationId, addresses));
    return true;
  }

  /** @returns everything that waits, at most one batch; undefined when nothing does */
  take(): InboxRows | undefined {
    if (this.waiting.length === 0) {
      return undefined;
    }
    const taken = { rows: this.waiting, owners: this.owners };
    this.clear();
    return taken;
  }

  /** Drops what waits. */
  clear(): void {
    this.waiting = [];
    this.bytes = 0;
    this.owners = new Map();
  }
}
