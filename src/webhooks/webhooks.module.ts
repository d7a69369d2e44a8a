import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { WebhookStorageModule } from './webhook-storage.module.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

/** REST of the webhooks. */
@Module({
  imports: [AuthModule, DomainEventsModule, RepositoriesModule, SecretsModule, WebhookStorageModule],
  controllers: [WebhooksController],
  providers: [WebhooksService],
})
export class WebhooksModule {}
