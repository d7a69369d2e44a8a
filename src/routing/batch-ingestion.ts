import { Injectable } from '@nestjs/common';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { AppConfig } from '../config/app-config.js';
import { DomainEventBus } from '../common/domain-events.js';
import { Logs } from '../logging/logs.js';
import type { DatabaseRejectedError } from '../repositories/database-rejected-error.js';
import { InboxRepository } from '../repositories/inbox.repository.js';
import type { IngestItem } from '../repositories/ingest-item.js';
import { isDataFault } from './data-fault.js';

/** Writes planned items, in as few transactions as it takes, and announces the events that came of them. */
@Injectable()
export class BatchIngestion {
  private readonly log: ReturnType<Logs['component']>;

  constructor(
    private readonly inbox: InboxRepository,
    private readonly events: DomainEventBus,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
  }

  /**
   * Items that the database refuses for what is in them are found by halving and become `dead`; the others are written.
   *
   * @param worker who claimed the rows
   * @param items in order; their events are announced in the same order, after each commit
   * @returns how many rows were closed
   * @throws AppError when the database is away or fails for reasons that lie in no item; what was written stays written
   */
  async ingest(worker: string, items: readonly IngestItem[]): Promise<number> {
    try {
      return await this.write(worker, items);
    } catch (err) {
      if (!isDataFault(err)) {
        throw err;
      }
      return this.isolate(worker, items, err);
    }
  }

  private async isolate(
    worker: string,
    items: readonly IngestItem[],
    err: DatabaseRejectedError,
  ): Promise<number> {
    const [first] = items;
    if (first === undefined) {
      return 0;
    }
    if (items.length > 1) {
      const middle = Math.ceil(items.length / 2);
      const closed = await this.ingest(worker, items.slice(0, middle));
      return closed + (await this.ingest(worker, items.slice(middle)));
    }
    if (first.action === 'dead') {
      throw err;
    }
    // Not the error itself: the database quotes the values that it refuses.
    const { sqlState } = err;
    this.log.error({ inboxId: first.inboxId, sqlState }, 'message can not be stored');
    return this.write(worker, [{ inboxId: first.inboxId, action: 'dead', reason: 'refused_by_database' }]);
  }

  private async write(worker: string, items: readonly IngestItem[]): Promise<number> {
    const { events, processed } = await this.inbox.ingest({
      worker,
      bookingPolicy: this.config.bookingPolicy,
      items: [...items],
    });
    if (events.length > 0) {
      this.announce(events);
    }
    return processed;
  }

  /** The rows are committed: a listener that fails must not make the batch look failed. */
  private announce(events: OutgoingEvent[]): void {
    try {
      this.events.emit('events.committed', events);
    } catch (err) {
      this.log.error({ err }, 'listener of committed events failed');
    }
  }
}
