import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { RedisBroadcast } from '../redis/redis-broadcast.js';
import { RedisLinks } from '../redis/redis-links.js';
import { RedisModule } from '../redis/redis.module.js';
import { AccessSignals } from './access-signals.js';
import { InboxNotifier } from './inbox-notifier.js';
import { BullmqInboxNotifier } from './bullmq-inbox-notifier.js';
import { EmbeddedInboxNotifier } from './embedded-inbox-notifier.js';
import { EmbeddedNodeSignals } from './embedded-node-signals.js';
import { InboxHandoff } from './inbox-handoff.js';
import { INBOX_QUEUE, INBOX_QUEUE_TOKEN, type InboxQueue, JOB_OPTIONS } from './inbox-queue.js';
import { NodeSignals } from './node-signals.js';
import { OutboxAnnouncer } from './outbox-announcer.js';
import { OutboxSignals } from './outbox-signals.js';
import { QueueInspector } from './queue-inspector.js';
import { RedisNodeSignals } from './redis-node-signals.js';
import { WorkerStatus } from './worker-status.js';

/**
 * The notifier between the rooms that fill the inbox and the workers that empty it, and signals between processes. With
 * `QUEUE_DRIVER=bullmq` the notifier is a queue in Redis, which is undefined otherwise; with `REDIS_URL` signals go by Redis.
 */
@Module({
  imports: [RedisModule, DomainEventsModule],
  providers: [
    {
      provide: INBOX_QUEUE_TOKEN,
      inject: [AppConfig, RedisLinks],
      useFactory: ({ queueDriver }: AppConfig, links?: RedisLinks) =>
        queueDriver === 'bullmq' && links ? openQueue(links) : undefined,
    },
    {
      provide: InboxNotifier,
      inject: [Logs, INBOX_QUEUE_TOKEN, RedisLinks],
      useFactory: (logs: Logs, queue?: InboxQueue, links?: RedisLinks) =>
        queue && links ? new BullmqInboxNotifier(queue, links, logs) : new EmbeddedInboxNotifier(logs),
    },
    {
      provide: NodeSignals,
      inject: [RedisBroadcast],
      useFactory: (broadcast?: RedisBroadcast) =>
        broadcast ? new RedisNodeSignals(broadcast) : new EmbeddedNodeSignals(),
    },
    {
      provide: AccessSignals,
      inject: [RedisBroadcast],
      useFactory: (broadcast?: RedisBroadcast) =>
        broadcast ? new RedisNodeSignals(broadcast, 'access') : new EmbeddedNodeSignals(),
    },
    {
      provide: OutboxSignals,
      inject: [RedisBroadcast],
      useFactory: (broadcast?: RedisBroadcast) =>
        broadcast ? new RedisNodeSignals(broadcast, 'outbox') : new EmbeddedNodeSignals(),
    },
    OutboxAnnouncer,
    InboxHandoff,
    QueueInspector,
    WorkerStatus,
  ],
  exports: [
    INBOX_QUEUE_TOKEN,
    AccessSignals,
    InboxNotifier,
    InboxHandoff,
    NodeSignals,
    OutboxSignals,
    QueueInspector,
    WorkerStatus,
  ],
})
export class QueueModule implements OnApplicationShutdown {
  constructor(@Inject(INBOX_QUEUE_TOKEN) private readonly queue?: InboxQueue) {}

  async onApplicationShutdown(): Promise<void> {
    await this.queue?.close();
  }
}

/** Its library is read only where there is a queue. */
async function openQueue({ queue: connection, prefix }: RedisLinks): Promise<InboxQueue> {
  const { Queue } = await import('bullmq');
  return new Queue(INBOX_QUEUE, { connection, prefix, defaultJobOptions: JOB_OPTIONS });
}
