import { Global, Module } from '@nestjs/common';
import { Bell } from './bell.js';
import { EmbeddedBell } from './embedded-bell.js';
import { EmbeddedNodeSignals } from './embedded-node-signals.js';
import { FreshInbox } from './fresh-inbox.js';
import { NodeSignals } from './node-signals.js';
import { WorkerStatus } from './worker-status.js';

/** The bell between the rooms that fill the inbox and the worker that empties it, and signals between processes. */
@Global()
@Module({
  providers: [
    { provide: Bell, useClass: EmbeddedBell },
    { provide: NodeSignals, useClass: EmbeddedNodeSignals },
    FreshInbox,
    WorkerStatus,
  ],
  exports: [Bell, FreshInbox, NodeSignals, WorkerStatus],
})
export class QueueModule {}
