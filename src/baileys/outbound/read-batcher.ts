import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DomainEventBus } from '../../common/domain-events.js';
import type { PersonAddress } from '../../common/inbox.js';
import { Logs } from '../../logging/logs.js';
import { ReadsRepository, type ReadElsewhere } from '../../repositories/reads.repository.js';

const FLUSH_MS = 100;
/** A message that was read on the phone may not be stored yet: it is looked for again, in ms. */
const AGAIN_MS = [5_000, 60_000];
const MAX_BATCH = 500;
/** More waiting than this: further ones are dropped; reading the next message heals it. */
const MAX_WAITING = 5_000;

/** Notes what was read on the account's other devices, in batches. */
@Injectable()
export class ReadBatcher {
  private readonly log: Logger;
  private readonly timers = new Set<NodeJS.Timeout>();
  private fresh: ReadElsewhere[] = [];
  private count = 0;
  private isClosed = false;

  constructor(
    private readonly reads: ReadsRepository,
    private readonly bus: DomainEventBus,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /** @param person whose chat it is */
  add(read: Omit<ReadElsewhere, 'chat'>, person: Promise<PersonAddress>): void {
    if (this.isClosed || this.count >= MAX_WAITING) {
      return;
    }
    this.count += 1;
    person.then(
      (chat) => {
        this.fresh.push({ ...read, chat });
        if (this.fresh.length === 1) {
          this.after(FLUSH_MS, () => this.applyAll(this.fresh.splice(0), 0));
        }
      },
      () => (this.count -= 1),
    );
  }

  /** What waits is lost: the phone tells the next time what was read. */
  close(): void {
    this.isClosed = true;
    this.timers.forEach((timer) => clearTimeout(timer));
  }

  private after(ms: number, work: () => Promise<void>): void {
    if (this.isClosed) {
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void work();
    }, ms).unref();
    this.timers.add(timer);
  }

  /** @param tries how often it was looked for them already */
  private async applyAll(reads: ReadElsewhere[], tries: number): Promise<void> {
    for (let start = 0; start < reads.length; start += MAX_BATCH) {
      const batch = reads.slice(start, start + MAX_BATCH);
      const missing = await this.apply(batch);
      const pauseMs = AGAIN_MS[tries];
      const isOver = missing.length === 0 || pauseMs === undefined;
      this.count -= isOver ? batch.length : batch.length - missing.length;
      if (!isOver) {
        this.after(pauseMs, () => this.applyAll(missing, tries + 1));
      }
    }
  }

  /** @returns those that are not noted */
  private async apply(batch: ReadElsewhere[]): Promise<ReadElsewhere[]> {
    try {
      const { events, unknown } = await this.reads.noteRead(batch);
      if (events.length > 0) {
        this.bus.emit('events.committed', events);
      }
      return unknown.flatMap((place) => batch[place] ?? []);
    } catch (err) {
      this.log.warn({ err, messages: batch.length }, 'not noted yet what was read');
      return batch;
    }
  }
}
