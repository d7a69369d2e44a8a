import { getQueueToken } from '@nestjs/bullmq';
import { Global, type InjectionToken, Module } from '@nestjs/common';
import { Logs } from '../logging/logs.js';
import { RedisBroadcast } from '../redis/redis-broadcast.js';
import { RedisLinks } from '../redis/redis-links.js';
import { AccessSignals } from './access-signals.js';
import { InboxNotifier } from './inbox-notifier.js';
import { BullmqInboxNotifier } from './bullmq-inbox-notifier.js';
import { EmbeddedInboxNotifier } from './embedded-inbox-notifier.js';
import { EmbeddedNodeSignals } from './embedded-node-signals.js';
import { InboxHandoff } from './inbox-handoff.js';
import { INBOX_QUEUE, type InboxQueue } from './inbox-queue.js';
import { NodeSignals } from './node-signals.js';
import { QueueInspector } from './queue-inspector.js';
import { RedisNodeSignals } from './redis-node-signals.js';
import { WorkerStatus } from './worker-status.js';

const optional = (token: InjectionToken) => ({ token, optional: true });

/**
 * The notifier between the rooms that fill the inbox and the workers that empty it, and signals between processes: in Redis
 * where `BullmqModule` is there.
 */
@Global()
@Module({
  providers: [
    {
      provide: InboxNotifier,
      inject: [Logs, optional(getQueueToken(INBOX_QUEUE)), optional(RedisLinks)],
      useFactory: (logs: Logs, queue?: InboxQueue, links?: RedisLinks) =>
        queue && links ? new BullmqInboxNotifier(queue, links, logs) : new EmbeddedInboxNotifier(logs),
    },
    {
      provide: NodeSignals,
      inject: [optional(RedisBroadcast)],
      useFactory: (broadcast?: RedisBroadcast) =>
        broadcast ? new RedisNodeSignals(broadcast) : new EmbeddedNodeSignals(),
    },
    {
      provide: AccessSignals,
      inject: [optional(RedisBroadcast)],
      useFactory: (broadcast?: RedisBroadcast) =>
        broadcast ? new RedisNodeSignals(broadcast, 'access') : new EmbeddedNodeSignals(),
    },
    InboxHandoff,
    QueueInspector,
    WorkerStatus,
  ],
  exports: [AccessSignals, InboxNotifier, InboxHandoff, NodeSignals, QueueInspector, WorkerStatus],
})
export class QueueModule {}
