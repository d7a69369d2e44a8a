import { Module } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { WebhookSender } from './webhook-sender.js';
import { WebhookStorageModule } from './webhook-storage.module.js';

/** The worker's part of the webhooks. */
@Module({
  imports: [DomainEventsModule, RedisModule, TickerModule, WebhookStorageModule],
  providers: [WebhookSender],
})
export class WebhookDeliveriesModule {}
