import { Module } from '@nestjs/common';
import { BaileysModule } from '../baileys/baileys.module.js';
import { MediaStoreModule } from '../media-store/media-store.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { ProcessChecks } from './process-checks.js';
import { Readiness } from './readiness.js';

/** Health probes. */
@Module({
  imports: [BaileysModule, MediaStoreModule, QueueModule, RepositoriesModule, SecretsModule, TickerModule],
  controllers: [HealthController],
  providers: [ProcessChecks, { provide: Readiness, useClass: HealthService }],
})
export class HealthModule {}
