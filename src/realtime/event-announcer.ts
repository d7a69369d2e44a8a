import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DomainEventBus } from '../common/domain-events.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { RedisBroadcast } from '../redis/redis-broadcast.js';
import { EVENTS_TOPIC, formatAnnouncement } from './announcement.js';

/** Tells the other processes what this one committed, all of one turn together, after its own sockets have it. */
@Injectable()
export class EventAnnouncer implements OnModuleInit {
  private waiting: OutgoingEvent[] = [];

  constructor(
    private readonly bus: DomainEventBus,
    private readonly broadcast: RedisBroadcast,
  ) {}

  onModuleInit(): void {
    this.bus.on('events.committed', (events) => {
      if (this.waiting.length === 0) {
        setImmediate(() => this.announce());
      }
      this.waiting.push(...events);
    });
  }

  private announce(): void {
    const events = this.waiting;
    this.waiting = [];
    this.broadcast.publish(EVENTS_TOPIC, formatAnnouncement(events));
  }
}
