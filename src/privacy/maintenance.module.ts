import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { ContactErasure } from './contact-erasure.js';
import { RetentionSweep } from './retention-sweep.js';
import { MaintenanceSettings } from './maintenance-settings.js';
import { ErasuresRepository } from './erasures.repository.js';
import { RetentionRepository } from './retention.repository.js';

/** The background work of retention, for every process that may have a worker. */
@Module({
  imports: [RepositoriesModule, TickerModule],
  providers: [
    ErasuresRepository,
    RetentionRepository,
    ContactErasure,
    RetentionSweep,
    { provide: MaintenanceSettings, useFactory: () => new MaintenanceSettings() },
  ],
})
export class MaintenanceModule {}
