import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { BatchIngestion } from './batch-ingestion.js';
import { InboxBatch } from './inbox-batch.js';
import { InboxClaims } from './inbox-claims.js';
import { InboxWorker } from './inbox-worker.js';
import { IngestPlanner } from './ingest-planner.js';
import { LedgerSettings } from './ledger-settings.js';
import { UndecryptedSweep } from './undecrypted-sweep.js';

/**
 * The worker's room. The composition provides `InboxDecoder`, `DomainEventBus`, `AppConfig` and `Logs` globally; the worker
 * starts with the application.
 */
@Module({
  imports: [RepositoriesModule],
  providers: [
    InboxWorker,
    InboxBatch,
    InboxClaims,
    IngestPlanner,
    BatchIngestion,
    UndecryptedSweep,
    LedgerSettings,
  ],
  exports: [InboxWorker],
})
export class RoutingModule {}
