import { Global, Module } from '@nestjs/common';
import { Bell } from './bell.js';
import { EmbeddedBell } from './embedded-bell.js';
import { WorkerStatus } from './worker-status.js';

/** The bell between the rooms that fill the inbox and the worker that empties it. */
@Global()
@Module({
  providers: [{ provide: Bell, useClass: EmbeddedBell }, WorkerStatus],
  exports: [Bell, WorkerStatus],
})
export class QueueModule {}
