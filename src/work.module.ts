import { type DynamicModule, Module } from '@nestjs/common';
import { type AppConfig, hasWorker } from './config/app-config.js';
import { MaintenanceModule } from './privacy/maintenance.module.js';
import { BullmqModule } from './queue/bullmq.module.js';
import { QueueModule } from './queue/queue.module.js';
import { AnnouncerModule } from './realtime/announcer.module.js';
import { RedisModule } from './redis/redis.module.js';
import { InboxProcessorModule } from './routing/inbox-processor.module.js';
import { RoutingModule } from './routing/routing.module.js';

/** What every process has, with sockets or without: the notifier, the worker where one runs here, and Redis where there is one. */
@Module({})
export class WorkModule {
  static with(config: AppConfig): DynamicModule {
    const hasRedis = config.redisUrl !== undefined;
    const hasQueue = config.queueDriver === 'bullmq';
    return {
      module: WorkModule,
      imports: [
        ...(hasRedis ? [RedisModule, AnnouncerModule] : []),
        ...(hasQueue ? [BullmqModule] : []),
        QueueModule,
        RoutingModule,
        MaintenanceModule,
        ...(hasQueue && hasWorker(config) ? [InboxProcessorModule] : []),
      ],
    };
  }
}
