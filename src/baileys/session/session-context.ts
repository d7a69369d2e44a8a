import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DomainEventBus } from '../../common/domain-events.js';
import { AppConfig } from '../../config/app-config.js';
import { Logs } from '../../logging/logs.js';
import { GroupsRepository } from '../../repositories/groups.repository.js';
import { MessagesRepository } from '../../repositories/messages.repository.js';
import { MessageMediaRepository } from '../../repositories/message-media.repository.js';
import { lookMs } from '../connection/keep-alive.js';
import { LineClock } from '../connection/line-clock.js';
import { GroupCommit } from '../storage/group-commit.js';
import { SendQueues } from '../outbound/send-queues.js';
import { PairingQrStore } from '../pairing/pairing-qr-store.js';
import { ReadBatcher } from '../outbound/read-batcher.js';
import { ReceiptBatcher } from '../outbound/receipt-batcher.js';
import { ReconnectLimiter } from '../connection/reconnect-limiter.js';
import { SessionLoader } from './session-loader.js';
import { SessionSettings } from '../settings/session-settings.js';
import { StatusPublisher } from './status-publisher.js';
import { Watchdogs } from '../connection/watchdogs.js';

/** What all sessions of the process share. */
@Injectable()
export class SessionContext {
  readonly log: Logger;
  readonly limiter: ReconnectLimiter;
  readonly watchdogs = new Watchdogs();
  readonly clock: LineClock;

  constructor(
    readonly groupCommit: GroupCommit,
    readonly loader: SessionLoader,
    readonly statuses: StatusPublisher,
    readonly receipts: ReceiptBatcher,
    readonly reads: ReadBatcher,
    readonly outbound: SendQueues,
    readonly messages: MessagesRepository,
    readonly media: MessageMediaRepository,
    readonly groups: GroupsRepository,
    readonly bus: DomainEventBus,
    readonly qrs: PairingQrStore,
    readonly settings: SessionSettings,
    readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
    this.limiter = new ReconnectLimiter(settings.simultaneousHandshakes, settings.handshakeSpacingMs);
    this.clock = new LineClock(lookMs(settings));
  }
}
