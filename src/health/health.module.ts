import { Module } from '@nestjs/common';
import { BaileysModule } from '../baileys/baileys.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';

/** Health probes; needs the global `QueueModule`. */
@Module({
  imports: [BaileysModule, RepositoriesModule],
  controllers: [HealthController],
  providers: [HealthService],
})
export class HealthModule {}
