import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DomainEventBus } from '../../common/domain-events.js';
import type { PersonAddress } from '../../common/inbox.js';
import { Logs } from '../../logging/logs.js';
import { ReadsRepository, type ReadElsewhere } from '../../repositories/reads.repository.js';

/** When they are noted, in ms: a message that was read on the phone may not be stored yet. */
const TRIES_MS = [100, 5_000, 60_000];
const MAX_BATCH = 500;
/** More waiting than this: further ones are dropped; reading the next message heals it. */
const MAX_WAITING = 5_000;

interface Waiting {
  read: ReadElsewhere;
  tries: number;
}

/** Notes what was read on the account's other devices, in batches. */
@Injectable()
export class ReadBatcher {
  private readonly log: Logger;
  /** By how often they were tried. */
  private readonly waiting: Waiting[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
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
      (chat) => this.later([{ read: { ...read, chat }, tries: 0 }]),
      () => (this.count -= 1),
    );
  }

  /** What waits is lost: the phone tells the next time what was read. */
  close(): void {
    this.isClosed = true;
    this.timers.forEach((timer) => clearTimeout(timer));
  }

  private later(entries: Waiting[]): void {
    const [first] = entries;
    const pauseMs = first && TRIES_MS[first.tries];
    if (pauseMs === undefined || this.isClosed) {
      this.count -= entries.length;
      return;
    }
    if (first!.tries === 0) {
      this.waiting.push(...entries);
      if (this.waiting.length > entries.length) {
        return;
      }
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.apply(first!.tries === 0 ? this.waiting.splice(0) : entries);
    }, pauseMs).unref();
    this.timers.add(timer);
  }

  private async apply(entries: Waiting[]): Promise<void> {
    for (let start = 0; start < entries.length; start += MAX_BATCH) {
      const batch = entries.slice(start, start + MAX_BATCH);
      let missing = batch;
      try {
        const { events, unknown } = await this.reads.noteRead(batch.map(({ read }) => read));
        if (events.length > 0) {
          this.bus.emit('events.committed', events);
        }
        missing = unknown.flatMap((place) => batch[place] ?? []);
      } catch (err) {
        this.log.warn({ err, messages: batch.length }, 'not noted yet what was read');
      }
      this.count -= batch.length - missing.length;
      if (missing.length > 0) {
        this.later(missing.map(({ read, tries }) => ({ read, tries: tries + 1 })));
      }
    }
  }
}
