import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DomainEventBus } from '../common/domain-events.js';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { MessagesRepository } from '../repositories/messages.repository.js';
import { CommitLog } from './storage/commit-log.js';
import { OutboundOffice } from './outbound/outbound-office.js';
import { QrShelf } from './pairing/qr-shelf.js';
import { ReceiptBatcher } from './outbound/receipt-batcher.js';
import { ReconnectLimiter } from './connection/reconnect-limiter.js';
import { SessionLoader } from './session-loader.js';
import { SessionSettings } from './session-settings.js';
import { StatusPublisher } from './status-publisher.js';
import { Watchdogs } from './connection/watchdogs.js';

/** What all sessions of the process share. */
@Injectable()
export class SessionContext {
  readonly log: Logger;
  readonly limiter: ReconnectLimiter;
  readonly watchdogs = new Watchdogs();

  constructor(
    readonly commitLog: CommitLog,
    readonly loader: SessionLoader,
    readonly statuses: StatusPublisher,
    readonly receipts: ReceiptBatcher,
    readonly outbound: OutboundOffice,
    readonly messages: MessagesRepository,
    readonly bus: DomainEventBus,
    readonly qrs: QrShelf,
    readonly settings: SessionSettings,
    readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
    this.limiter = new ReconnectLimiter(settings.simultaneousHandshakes, settings.handshakeSpacingMs);
  }
}
