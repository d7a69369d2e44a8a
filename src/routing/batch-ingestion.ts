import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { MESSAGE_STEPS, passed } from '../common/message-steps.js';
import { AppConfig } from '../config/app-config.js';
import { DomainEventBus } from '../common/domain-events.js';
import { Logs } from '../logging/logs.js';
import { DatabaseUnavailableError } from '../repositories/database-unavailable-error.js';
import { InboxRepository } from '../repositories/inbox.repository.js';
import type { IngestItem } from '../repositories/ingest-item.js';
import { isDataFault } from '../repositories/data-fault.js';

/** An item that was so often in a batch which was refused, perhaps for what is in it: then it is found out by halving for whose. */
const REFUSALS = 3;
/** More than a few batches have; one that is forgotten is counted anew. */
const MAX_SUSPECTS = 2_000;
/** Between the tries of one item that is refused, in ms. */
const REFUSED_PAUSE_MS = 200;

/** Writes planned items, in as few transactions as it takes, and announces the events that came of them. */
@Injectable()
export class BatchIngestion {
  private readonly log: ReturnType<Logs['component']>;
  /** By inbox id: how often something before the database refused a batch with it, since one with it was written. */
  private readonly suspects = new LRUCache<string, number>({ max: MAX_SUSPECTS });

  constructor(
    private readonly inbox: InboxRepository,
    private readonly events: DomainEventBus,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
  }

  /**
   * Items that the database refuses for what is in them are found by halving and become `dead`; the others are written. The
   * same for what a firewall before it refuses again and again, while it lets other calls through.
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
      if (isDataFault(err)) {
        return this.isolate(worker, items, err);
      }
      if (!(err instanceof DatabaseUnavailableError && err.mayRefuseContent) || !this.isSuspected(items)) {
        throw err;
      }
      return items.length > 1 ? this.isolate(worker, items, err) : this.ingestPart(worker, items);
    }
  }

  /** Counts a refusal. @returns whether one of the items was there too often */
  private isSuspected(items: readonly IngestItem[]): boolean {
    const counts = items.map(({ inboxId }) => {
      const count = (this.suspects.get(inboxId) ?? 0) + 1;
      this.suspects.set(inboxId, count);
      return count;
    });
    return counts.some((count) => count >= REFUSALS);
  }

  /** As `ingest`, for a part of what was refused together. */
  private async ingestPart(worker: string, items: readonly IngestItem[]): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.write(worker, items);
      } catch (err) {
        const isOfGateway = err instanceof DatabaseUnavailableError && err.mayRefuseContent;
        if (!isOfGateway && !isDataFault(err)) {
          throw err;
        }
        if (!isOfGateway || items.length > 1 || attempt > REFUSALS) {
          return this.isolate(worker, items, err);
        }
        // By chance, perhaps, where a gateway refuses now and then: one item is worth another look. The last one comes after
        // something else got through: what refused everything may have ended just now.
        if (attempt < REFUSALS) {
          await delay(REFUSED_PAUSE_MS);
        } else {
          await this.inbox.renewClaims({ worker, ids: [], leaseSeconds: 1 });
        }
      }
    }
  }

  private async isolate(worker: string, items: readonly IngestItem[], err: unknown): Promise<number> {
    const [first] = items;
    if (first === undefined) {
      return 0;
    }
    if (items.length > 1) {
      const middle = Math.ceil(items.length / 2);
      const closed = await this.ingestPart(worker, items.slice(0, middle));
      return closed + (await this.ingestPart(worker, items.slice(middle)));
    }
    if (first.action === 'dead') {
      throw err;
    }
    // Not the error itself: the database quotes the values that it refuses.
    const inboxId = first.inboxId;
    if (isDataFault(err)) {
      this.log.error({ inboxId, sqlState: err.sqlState }, 'message can not be stored');
    } else {
      this.log.error({ inboxId }, 'message is refused before it reaches the database: set aside');
    }
    const reason = isDataFault(err) ? 'refused_by_database' : 'refused_by_gateway';
    // Where nothing gets through this fails, too, and nobody's message has lost its place.
    return this.write(worker, [{ inboxId, action: 'dead', reason }]);
  }

  private async write(worker: string, items: readonly IngestItem[]): Promise<number> {
    const { events, processed } = await this.inbox.ingest({
      worker,
      bookingPolicy: this.config.bookingPolicy,
      items: [...items],
    });
    passed(MESSAGE_STEPS.ingested, items);
    items.forEach(({ inboxId }) => this.suspects.delete(inboxId));
    this.announce(events);
    return processed;
  }

  /**
   * Tells of events whose rows are committed: a listener that fails must not make the batch look failed.
   * @param events in order
   */
  announce(events: OutgoingEvent[]): void {
    if (events.length === 0) {
      return;
    }
    try {
      this.events.emit('events.committed', events);
    } catch (err) {
      this.log.error({ err }, 'listener of committed events failed');
    }
  }
}
