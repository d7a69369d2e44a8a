import { Module } from '@nestjs/common';
import { MediaStoreModule } from '../media-store/media-store.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { HealthController } from './health.controller.js';
import { ProcessChecks } from './process-checks.js';
import { Readiness } from './readiness.js';
import { WorkerReadiness } from './worker-readiness.js';

/** Health probes of a worker of its own. */
@Module({
  imports: [MediaStoreModule, QueueModule, RepositoriesModule, SecretsModule, TickerModule],
  controllers: [HealthController],
  providers: [ProcessChecks, { provide: Readiness, useClass: WorkerReadiness }],
})
export class WorkerHealthModule {}
