import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { type AppConfig, hasWorker } from './config/app-config.js';
import { HistoryModule } from './history/history.module.js';
import { MediaDownloadsModule } from './media/media-downloads.module.js';
import { MaintenanceModule } from './privacy/maintenance.module.js';
import { AnnouncerModule } from './realtime/announcer.module.js';
import { RoutingModule } from './routing/routing.module.js';
import { SearchModule } from './search/search.module.js';
import { WebhookDeliveriesModule } from './webhooks/webhook-deliveries.module.js';

/** What every process does in the background, with sockets or without; whether a worker runs here the configuration says. */
@Module({})
export class BackgroundJobsModule {
  /** @param config decides whether there is a queue in Redis to listen to, and whether events are announced there */
  static async with(config: AppConfig): Promise<DynamicModule> {
    return {
      module: BackgroundJobsModule,
      imports: [
        RoutingModule,
        HistoryModule,
        SearchModule,
        MaintenanceModule,
        MediaDownloadsModule,
        WebhookDeliveriesModule,
        ...(config.redisUrl === undefined ? [] : [AnnouncerModule]),
        ...(config.queueDriver === 'bullmq' && hasWorker(config) ? [await queueListener()] : []),
      ],
    };
  }
}

/** Read only where there is a queue. */
async function queueListener(): Promise<Type> {
  const { InboxProcessorModule } = await import('./routing/inbox-processor.module.js');
  return InboxProcessorModule;
}
