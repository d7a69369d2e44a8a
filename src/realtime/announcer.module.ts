import { Module } from '@nestjs/common';
import { EventAnnouncer } from './event-announcer.js';

/** For every process that commits events, with sockets or without. Imported where `REDIS_URL` is set. */
@Module({ providers: [EventAnnouncer] })
export class AnnouncerModule {}
