import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError } from '../common/app-error.js';
import { CoalescedRun } from '../common/coalesced-run.js';
import { holdsToken } from '../common/token-text.js';
import { Logs } from '../logging/logs.js';
import { type AuditEnd, AuditRepository, type NewAuditEntry } from '../repositories/audit.repository.js';
import { PendingEntry } from './pending-entry.js';

const FLUSH_AFTER_MS = 200;
const MAX_WAITING = 10_000;
const MAX_IN_CALL = 500;

/**
 * Who did what. An entry is stored before the operation, so that nothing changes without one: where it can't be stored, the operation
 * is not done. How it ended is noted afterwards, many entries with one call; where that fails, the entry says `begun`.
 */
@Injectable()
export class AuditLog implements BeforeApplicationShutdown {
  private readonly log: Logger;
  private waiting: AuditEnd[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly writing = new CoalescedRun(() => this.write());
  private isStopping = false;

  constructor(
    private readonly entries: AuditRepository,
    logs: Logs,
  ) {
    this.log = logs.component('audit');
  }

  /** Notes how what is in hand ended, as far as it did. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.flush();
  }

  /**
   * To be called before the operation.
   * @returns the number of the entry, for `end`
   * @throws AppError when the entry can't be stored: then the operation must not be done
   */
  begin(entry: NewAuditEntry): Promise<number> {
    return this.entries.insertEntry(withoutTokens(entry));
  }

  /** @returns an entry to be stored together with the operation, or before it */
  prepare(entry: NewAuditEntry): PendingEntry {
    return new PendingEntry(withoutTokens(entry), (one) => this.entries.insertEntry(one));
  }

  /** Stores a prepared entry after what may have been done: one that can't be stored is in the log instead. */
  async settle(pending: PendingEntry): Promise<void> {
    await pending.store().catch((err: unknown) => this.lost(err, pending.entry));
  }

  /**
   * Does something and notes it, before and after.
   * @returns what the operation gives
   * @throws AppError when the entry can't be stored, and then nothing was done; whatever the operation throws
   */
  async note<T>(entry: NewAuditEntry, operation: () => Promise<T>): Promise<T> {
    const id = await this.begin(entry);
    try {
      const result = await operation();
      this.end({ id, outcome: 'done' });
      return result;
    } catch (error) {
      this.end({ id, outcome: isRefusal(error) ? 'refused' : 'failed' });
      throw error;
    }
  }

  /**
   * Stores an entry about what is over, or is done and undone at once.
   * @throws AppError when it can't be stored
   */
  async record(entry: NewAuditEntry & { outcome: AuditEnd['outcome'] }): Promise<void> {
    await this.entries.insertEntry(withoutTokens(entry));
  }

  /** As `record`, of what was not done anyway: one that can't be stored is in the log instead. */
  recordLater(entry: NewAuditEntry & { outcome: AuditEnd['outcome'] }): void {
    this.record(entry).catch((err: unknown) => this.lost(err, entry));
  }

  /** Notes how an operation ended, soon; of those that can't be noted the oldest are given up. */
  end(end: AuditEnd): void {
    this.waiting.push(end);
    if (this.waiting.length > MAX_WAITING) {
      this.log.error({ entryId: this.waiting.shift()?.id }, 'audit entry stays without its outcome');
    }
    if (this.isStopping) {
      void this.flush();
    } else {
      this.timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS);
    }
  }

  /** Stores what waits to be noted. Never rejects: what could not be stored waits on. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.writing.run();
  }

  private lost(err: unknown, { action, actor, requestId }: NewAuditEntry): void {
    this.log.error({ err, action, actorId: actor.id, requestId }, 'audit entry can not be stored');
  }

  /** Never rejects. */
  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const ends = this.waiting.splice(0, MAX_IN_CALL);
      try {
        await this.entries.finishEntries(ends);
      } catch (err) {
        this.log.warn({ err, entries: ends.length }, 'outcomes of audit entries can not be stored');
        this.waiting = [...ends, ...this.waiting].slice(-MAX_WAITING);
        if (!this.isStopping) {
          this.timer ??= setTimeout(() => void this.flush(), 10 * FLUSH_AFTER_MS);
        }
        return;
      }
    }
  }
}

/** Anything may be put where an organization's id belongs. */
function withoutTokens<Entry extends NewAuditEntry>(entry: Entry): Entry {
  const { object, organizationId } = entry;
  return {
    ...entry,
    ...(organizationId !== undefined && holdsToken(organizationId) && { organizationId: undefined }),
    ...(object?.id !== undefined && holdsToken(object.id) && { object: { type: object.type } }),
  };
}

/** @returns whether what was asked for was wrong, or not allowed: nothing is broken */
export function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.logLevel !== 'error';
}
