import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { HealthController } from './health.controller.js';
import { ProcessChecks } from './process-checks.js';
import { Readiness } from './readiness.js';
import { WorkerReadiness } from './worker-readiness.js';

/** Health probes of a worker of its own; needs the global `QueueModule`. */
@Module({
  imports: [RepositoriesModule],
  controllers: [HealthController],
  providers: [ProcessChecks, { provide: Readiness, useClass: WorkerReadiness }],
})
export class WorkerHealthModule {}
