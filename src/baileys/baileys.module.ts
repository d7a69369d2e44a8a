import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { InboxDecoder } from '../common/inbox.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { CommitLog } from './commit-log.js';
import { CommitLogOptions } from './commit-log-options.js';
import { DataKeyRenewal } from './data-key-renewal.js';
import { silenceLibsignal } from './libsignal-console.js';
import { keepUnfitSessionsIntact } from './libsignal-sessions.js';
import { BaileysInboxDecoder } from './message-decoder.js';
import { LocalSessions } from './local-sessions.js';
import { Neighbourhood } from './neighbourhood.js';
import { NodeKeeper } from './node-keeper.js';
import { OutboundOffice } from './outbound-office.js';
import { OutboundRecorder } from './outbound-recorder.js';
import { QrShelf } from './qr-shelf.js';
import { ReceiptBatcher } from './receipt-batcher.js';
import { RecipientResolver } from './recipient-resolver.js';
import { RequestClerk } from './request-clerk.js';
import { RequestDesk } from './request-desk.js';
import { Sender } from './sender.js';
import { SessionCalls } from './session-calls.js';
import { SessionClaims } from './session-claims.js';
import { SessionContext } from './session-context.js';
import { SessionLoader } from './session-loader.js';
import { SessionRegistry } from './session-registry.js';
import { SessionSettings } from './session-settings.js';
import { SessionShutdown } from './session-shutdown.js';
import { SessionVaults } from './session-vaults.js';
import { SessionsService } from './sessions.service.js';
import { StatusPublisher } from './status-publisher.js';
import { StorageProbe } from './storage-probe.js';
import { StoredSessionsCheck } from './stored-sessions-check.js';

/**
 * The WhatsApp sessions of this process. Needs the global providers of the composition: configuration, logs, bell,
 * secret box, key ring and event bus.
 */
@Global()
@Module({
  imports: [RepositoriesModule],
  providers: [
    { provide: InboxDecoder, useClass: BaileysInboxDecoder },
    { provide: CommitLogOptions, useFactory: () => new CommitLogOptions() },
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
