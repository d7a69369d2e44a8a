import { Global, Module } from '@nestjs/common';
import { Bell } from './bell.js';
import { EmbeddedBell } from './embedded-bell.js';
import { FreshInbox } from './fresh-inbox.js';
import { WorkerStatus } from './worker-status.js';

/** The bell between the rooms that fill the inbox and the worker that empties it. */
@Global()
@Module({
  providers: [{ provide: Bell, useClass: EmbeddedBell }, FreshInbox, WorkerStatus],
  exports: [Bell, FreshInbox, WorkerStatus],
})
export class QueueModule {}
