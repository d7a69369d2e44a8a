import { Module } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { EventAnnouncer } from './event-announcer.js';

/** For every process that commits events, with sockets or without. Imported where `REDIS_URL` is set. */
@Module({ imports: [DomainEventsModule, RedisModule], providers: [EventAnnouncer] })
export class AnnouncerModule {}
