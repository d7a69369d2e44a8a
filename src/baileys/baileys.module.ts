import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { InboxDecoder } from '../common/inbox.js';
import { AppConfig } from '../config/app-config.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { CommitLog } from './storage/commit-log.js';
import { CommitLogOptions, commitLogOptionsFor } from './storage/commit-log-options.js';
import { DataKeyRenewal } from './vault/data-key-renewal.js';
import { silenceLibsignal } from './signal/libsignal-console.js';
import { keepUnfitSessionsIntact } from './signal/libsignal-sessions.js';
import { BaileysInboxDecoder } from './decoding/message-decoder.js';
import { LocalSessions } from './nodes/local-sessions.js';
import { Neighbourhood } from './nodes/neighbourhood.js';
import { NodeKeeper } from './nodes/node-keeper.js';
import { OutboundOffice } from './outbound/outbound-office.js';
import { OutboundRecorder } from './outbound/outbound-recorder.js';
import { QrShelf } from './pairing/qr-shelf.js';
import { ReceiptBatcher } from './outbound/receipt-batcher.js';
import { RecipientResolver } from './outbound/recipient-resolver.js';
import { RequestClerk } from './nodes/request-clerk.js';
import { RequestDesk } from './nodes/request-desk.js';
import { Sender } from './outbound/sender.js';
import { SessionCalls } from './nodes/session-calls.js';
import { SessionClaims } from './nodes/session-claims.js';
import { SessionContext } from './session-context.js';
import { SessionLoader } from './session-loader.js';
import { SessionRegistry } from './session-registry.js';
import { SessionSettings } from './session-settings.js';
import { SessionShutdown } from './session-shutdown.js';
import { SessionVaults } from './vault/session-vaults.js';
import { SessionsService } from './sessions.service.js';
import { StatusPublisher } from './status-publisher.js';
import { StorageProbe } from './storage/storage-probe.js';
import { StoredSessionsCheck } from './vault/stored-sessions-check.js';

/**
 * The WhatsApp sessions of this process. Needs the global providers of the composition: configuration, logs, bell,
 * secret box, key ring and event bus.
 */
@Global()
@Module({
  imports: [RepositoriesModule],
  providers: [
    { provide: InboxDecoder, useClass: BaileysInboxDecoder },
    {
      provide: CommitLogOptions,
      useFactory: ({ supabaseUrl }: AppConfig) => commitLogOptionsFor(supabaseUrl !== undefined),
      inject: [AppConfig],
    },
    { provide: SessionSettings, useFactory: () => new SessionSettings() },
    CommitLog,
    DataKeyRenewal,
    LocalSessions,
    Neighbourhood,
    NodeKeeper,
    OutboundOffice,
    OutboundRecorder,
    QrShelf,
    ReceiptBatcher,
    RecipientResolver,
    RequestClerk,
    RequestDesk,
    Sender,
    SessionCalls,
    SessionClaims,
    SessionContext,
    SessionLoader,
    SessionRegistry,
    SessionShutdown,
    SessionVaults,
    SessionsService,
    StatusPublisher,
    StorageProbe,
    StoredSessionsCheck,
  ],
  exports: [InboxDecoder, SessionsService],
})
export class BaileysModule implements OnModuleInit {
  onModuleInit(): void {
    silenceLibsignal();
    keepUnfitSessionsIntact();
  }
}
