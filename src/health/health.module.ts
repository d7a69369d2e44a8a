import { Module } from '@nestjs/common';
import { BaileysModule } from '../baileys/baileys.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { ProcessChecks } from './process-checks.js';
import { Readiness } from './readiness.js';

/** Health probes; needs the global `QueueModule`. */
@Module({
  imports: [BaileysModule, RepositoriesModule],
  controllers: [HealthController],
  providers: [ProcessChecks, { provide: Readiness, useClass: HealthService }],
})
export class HealthModule {}
