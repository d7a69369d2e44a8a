import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookEgress } from './webhook-egress.js';
import { WebhookKeyRing } from './webhook-key-ring.js';
import { WebhookSettings } from './webhook-settings.js';
import { WebhooksRepository } from './webhooks.repository.js';

const shared = [
  WebhookDeliveriesRepository,
  WebhookEgress,
  WebhookKeyRing,
  WebhooksRepository,
  { provide: WebhookSettings, useFactory: () => new WebhookSettings() },
];

/** What REST and the worker share. */
@Module({ imports: [RepositoriesModule, SecretsModule], providers: shared, exports: shared })
export class WebhookStorageModule {}
