import { Module, type OnModuleInit } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { OutgoingFiles } from '../common/outgoing-files.js';
import { AppConfig } from '../config/app-config.js';
import { MediaStoreModule } from '../media-store/media-store.module.js';
import { MediaStores } from '../media-store/media-stores.js';
import { StoredOutgoingFiles } from '../media-store/stored-outgoing-files.js';
import { QueueModule } from '../queue/queue.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretBoxModule } from '../secrets/secret-box.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { GroupCommit } from './storage/group-commit.js';
import { GroupCommitOptions, groupCommitOptionsFor } from './storage/group-commit-options.js';
import { DataKeyRenewal } from './session/data-key-renewal.js';
import { silenceLibsignal } from './patches/libsignal-console.js';
import { keepUnfitSessionsIntact } from './patches/libsignal-sessions.js';
import { LocalSessions } from './cluster/local-sessions.js';
import { NodeLiveness } from './ownership/node-liveness.js';
import { NodeHeartbeat } from './cluster/node-heartbeat.js';
import { SendQueues } from './outbound/send-queues.js';
import { SendStore } from './outbound/send-store.js';
import { OutcomeRecorder } from './outbound/outcome-recorder.js';
import { PairingQrStore } from './pairing/pairing-qr-store.js';
import { ChatActions } from './outbound/chat-actions.js';
import { ReadBatcher } from './outbound/read-batcher.js';
import { ReceiptBatcher } from './outbound/receipt-batcher.js';
import { RecipientResolver } from './outbound/recipient-resolver.js';
import { NodeRequestHandler } from './cluster/node-request-handler.js';
import { NodeRequestClient } from './cluster/node-request-client.js';
import { MessageSender } from './outbound/message-sender.js';
import { SessionCalls } from './cluster/session-calls.js';
import { SessionClaims } from './cluster/session-claims.js';
import { SessionContext } from './session/session-context.js';
import { SessionLoader } from './session/session-loader.js';
import { SessionRegistry } from './session/session-registry.js';
import { SessionSettings } from './settings/session-settings.js';
import { SessionShutdown } from './cluster/session-shutdown.js';
import { SessionCiphers } from './sealing/session-ciphers.js';
import { SessionsService } from './sessions.service.js';
import { StatusPublisher } from './session/status-publisher.js';
import { StorageProbe } from './storage/storage-probe.js';
import { InboxDecodingModule } from './inbox-decoding.module.js';

/** The WhatsApp sessions of this process. */
@Module({
  imports: [
    DomainEventsModule,
    InboxDecodingModule,
    MediaStoreModule,
    QueueModule,
    RepositoriesModule,
    SecretBoxModule,
    SecretsModule,
    TickerModule,
  ],
  providers: [
    {
      provide: GroupCommitOptions,
      useFactory: ({ supabaseUrl }: AppConfig) => groupCommitOptionsFor(supabaseUrl !== undefined),
      inject: [AppConfig],
    },
    {
      provide: OutgoingFiles,
      useFactory: (stores: MediaStores) => new StoredOutgoingFiles(stores),
      inject: [MediaStores],
    },
    { provide: SessionSettings, useFactory: () => new SessionSettings() },
    GroupCommit,
    DataKeyRenewal,
    LocalSessions,
    NodeLiveness,
    NodeHeartbeat,
    SendQueues,
    SendStore,
    OutcomeRecorder,
    PairingQrStore,
    ChatActions,
    ReadBatcher,
    ReceiptBatcher,
    RecipientResolver,
    NodeRequestHandler,
    NodeRequestClient,
    MessageSender,
    SessionCalls,
    SessionClaims,
    SessionContext,
    SessionLoader,
    SessionRegistry,
    SessionShutdown,
    SessionCiphers,
    SessionsService,
    StatusPublisher,
    StorageProbe,
  ],
  exports: [SessionsService],
})
export class BaileysModule implements OnModuleInit {
  onModuleInit(): void {
    silenceLibsignal();
    keepUnfitSessionsIntact();
  }
}
