import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Logs } from '../../logging/logs.js';
import { MessagesRepository } from '../../repositories/messages.repository.js';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import { personOf } from '../decoding/message-addresses.js';
import type { Outcome } from './pending-send.js';
import { ReceiptBatcher } from './receipt-batcher.js';
import { SessionSettings } from '../settings/session-settings.js';

/** Stores how sending went. */
@Injectable()
export class OutcomeRecorder {
  private readonly log: Logger;
  private isClosed = false;

  constructor(
    private readonly messages: MessagesRepository,
    private readonly receipts: ReceiptBatcher,
    private readonly settings: SessionSettings,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /** Nothing that fails from here on is tried again. */
  close(): void {
    this.isClosed = true;
  }

  /**
   * Stores an outcome.
   * @returns what a caller may be told: a failure that could not be stored is not certain, since after a crash the
   *   message would be repeated. Never rejects.
   */
  async record(message: OutboundMessage, outcome: Outcome): Promise<Outcome> {
    const { instanceId, messageId } = message;
    const { reason: error, cause } = outcome.status === 'failed' ? outcome : {};
    this.log.info({ instanceId, messageId, status: outcome.status, error, cause }, 'message sent');
    while (!(await this.stored(messageId, outcome.status, error))) {
      if (outcome.status === 'sent') {
        const { whatsappMessageId, chatJid } = message;
        this.receipts.add({ instanceId, whatsappMessageId, status: 'sent' }, personOf(chatJid));
        return outcome;
      }
      if (outcome.status === 'unknown' || this.isClosed) {
        return { status: 'unknown' };
      }
      await delay(this.settings.outbound.pauseMs, undefined, { ref: false });
    }
    return outcome;
  }

  private async stored(messageId: string, status: Outcome['status'], error?: string): Promise<boolean> {
    try {
      await this.messages.finishOutbound({ messageId, status, error });
      return true;
    } catch (err) {
      this.log.error({ err, messageId, status }, 'outcome of a send not stored');
      return false;
    }
  }
}
