import { Module } from '@nestjs/common';
import { InboxDecodingModule } from '../baileys/inbox-decoding.module.js';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { BatchIngestion } from './batch-ingestion.js';
import { CommitIngestion } from './commit-ingestion.js';
import { InboxBatch } from './inbox-batch.js';
import { InboxClaims } from './inbox-claims.js';
import { InboxWorker } from './inbox-worker.js';
import { IngestPlanner } from './ingest-planner.js';
import { LedgerSettings } from './ledger-settings.js';
import { MessageDetails } from './message-details.js';
import { SealedChanges } from './sealed-changes.js';
import { UndecryptedSweep } from './undecrypted-sweep.js';

/** The worker's room: it reads messages by the port `InboxDecoder`, which is bound here. The worker starts with the application. */
@Module({
  imports: [
    DomainEventsModule,
    InboxDecodingModule,
    QueueModule,
    RepositoriesModule,
    SecretsModule,
    TickerModule,
  ],
  providers: [
    InboxWorker,
    InboxBatch,
    InboxClaims,
    IngestPlanner,
    MessageDetails,
    SealedChanges,
    BatchIngestion,
    CommitIngestion,
    UndecryptedSweep,
    LedgerSettings,
  ],
  exports: [InboxWorker],
})
export class RoutingModule {}
