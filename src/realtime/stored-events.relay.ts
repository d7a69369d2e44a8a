import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DomainEventBus } from '../common/domain-events.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { Logs } from '../logging/logs.js';
import { RedisBroadcast } from '../redis/redis-broadcast.js';
import { EventsRepository } from '../repositories/events.repository.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { type Announcement, EVENTS_TOPIC, parseAnnouncement } from './announcement.js';
import { EventList } from './event-list.js';
import { EventReader } from './event-reader.js';
import { OrganizationFeed } from './organization-feed.js';
import { RealtimeEmitter, type RoomWatcher } from './realtime-emitter.js';
import { MAX_ORGANIZATIONS } from './realtime-limits.js';

/** How late is found, about, what was not announced; what a tick of every few seconds finds on a hosted database. */
const SWEEP_INTERVAL_MS = 2_000;

/**
 * Brings stored events to the sockets of this process: each once for each socket, in sequence, whichever process committed
 * it. Announcements make it fast: from the bus of this process, and from other processes by Redis. What is missing, or was
 * not announced, is read from the table.
 */
@Injectable()
export class StoredEventsRelay implements OnModuleInit, BeforeApplicationShutdown, RoomWatcher {
  private readonly log: Logger;
  /** Of the organizations that somebody at this process listens to. */
  private readonly feeds = new Map<string, OrganizationFeed>();
  /** How many hold each: the room of its sockets, and whoever reads it by themselves. */
  private readonly holders = new Map<string, number>();
  private sweeps: TickSeat | undefined;
  private sweeping: Promise<void> | undefined;
  private isBehind = false;

  constructor(
    private readonly bus: DomainEventBus,
    private readonly emitter: RealtimeEmitter,
    private readonly events: EventsRepository,
    private readonly list: EventList,
    private readonly ticker: Ticker,
    logs: Logs,
    private readonly broadcast?: RedisBroadcast,
  ) {
    this.log = logs.component('realtime');
  }

  onModuleInit(): void {
    this.emitter.watch(this);
    this.bus.on('events.committed', (events) => this.take(events));
    this.broadcast?.subscribe(EVENTS_TOPIC, (text) => this.hear(parseAnnouncement(text)));
    this.sweeps = this.ticker.join({
      part: 'heads',
      everyMs: SWEEP_INTERVAL_MS,
      ask: () => (this.feeds.size > 0 && !this.sweeping ? [...this.feeds.keys()] : undefined),
      answered: (heads) => {
        this.sweeping = this.sweep(heads).finally(() => (this.sweeping = undefined));
      },
      failed: (err) => this.fail(err),
    });
  }

  beforeApplicationShutdown(): void {
    void this.sweeps?.leave();
  }

  /** @returns whether one more may listen to it: what is kept for each organization is little, but not nothing */
  hasPlaceFor(organizationId: string): boolean {
    return this.feeds.has(organizationId) || this.feeds.size < MAX_ORGANIZATIONS;
  }

  opened(organizationId: string): void {
    this.hold(organizationId);
  }

  closed(organizationId: string): void {
    this.letGo(organizationId);
  }

  /**
   * For who reads by itself: a socket that catches up, a stream, a poll.
   * @param after sequence of the last event that the reader has; undefined: from now on
   * @returns to be closed
   * @throws AppError when the database is away
   */
  async read(organizationId: string, after: number | undefined): Promise<EventReader> {
    const feed = this.hold(organizationId);
    try {
      await feed.open();
      if (after !== undefined && after > feed.position) {
        // It was told by another process, which was faster.
        await feed.catchUp();
      }
      const detach = feed.attach();
      return new EventReader(organizationId, feed, this.list, after, () => {
        detach();
        this.letGo(organizationId);
      });
    } catch (error) {
      this.letGo(organizationId);
      throw error;
    }
  }

  /**
   * To be called once a socket has joined the room, before it is told so.
   * @returns once everything that is committed from then on will be emitted
   * @throws AppError when the database is away
   */
  async ready(organizationId: string): Promise<void> {
    await this.feeds.get(organizationId)?.open();
  }

  private hold(organizationId: string): OrganizationFeed {
    const feed =
      this.feeds.get(organizationId) ??
      new OrganizationFeed(organizationId, this.events, (event) => this.emitter.emitHere(event));
    this.feeds.set(organizationId, feed);
    this.holders.set(organizationId, (this.holders.get(organizationId) ?? 0) + 1);
    return feed;
  }

  private letGo(organizationId: string): void {
    const left = (this.holders.get(organizationId) ?? 0) - 1;
    if (left > 0) {
      this.holders.set(organizationId, left);
      return;
    }
    this.holders.delete(organizationId);
    this.feeds.get(organizationId)?.close();
    this.feeds.delete(organizationId);
  }

  private hear(announcement: Announcement | undefined): void {
    if (announcement?.events) {
      this.take(announcement.events);
    }
    for (const [organizationId, sequence] of announcement?.heads ?? []) {
      const feed = this.feeds.get(organizationId);
      if (feed && !feed.hear(sequence)) {
        void this.catchUp(feed);
      }
    }
  }

  private take(events: readonly OutgoingEvent[]): void {
    for (const event of events) {
      const feed = this.feeds.get(event.organizationId);
      if (feed && !feed.take(event)) {
        void this.catchUp(feed);
      }
    }
  }

  /** Never rejects: the sweep repeats it. */
  private async catchUp(feed: OrganizationFeed): Promise<void> {
    try {
      await feed.catchUp();
    } catch (err) {
      this.fail(err);
    }
  }

  /** Finds what was not announced: its process was killed, or there is no Redis, or it was away. Never rejects. */
  private async sweep(heads: ReadonlyMap<string, number>): Promise<void> {
    try {
      for (const [organizationId, sequence] of heads) {
        const feed = this.feeds.get(organizationId);
        if (feed && !feed.hear(sequence)) {
          // More of it is to come, most likely.
          this.sweeps?.hurry();
          await feed.catchUp();
        }
      }
      this.recover();
    } catch (err) {
      this.fail(err);
    }
  }

  private fail(err: unknown): void {
    if (!this.isBehind) {
      this.isBehind = true;
      this.log.warn({ err }, 'missing events can not be read: subscribers get them later');
    }
  }

  private recover(): void {
    if (this.isBehind) {
      this.isBehind = false;
      this.log.info('missing events can be read again');
    }
  }
}
