import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DomainEventBus } from '../../common/domain-events.js';
import { codeOfWhatsApp, type SendFailureCode } from '../../common/send-failures.js';
import { withTimeout } from '../../common/with-timeout.js';
import { Logs } from '../../logging/logs.js';
import { MessagesRepository } from '../../repositories/messages.repository.js';
import type { OutboundMessage, OutboundResult } from '../../repositories/outbound-message.js';
import { personOf } from '../decoding/message-addresses.js';
import { SessionSettings } from '../settings/session-settings.js';
import type { Outcome, PendingSend } from './pending-send.js';
import { ReceiptBatcher } from './receipt-batcher.js';

/**
 * Records how sending went. What WhatsApp has taken is told to the caller at once, and stored meanwhile: if the process dies
 * first, the message is in doubt as any other, and is repeated under its id. Whatever else is stored first.
 */
@Injectable()
export class OutcomeRecorder {
  private readonly log: Logger;
  private isClosed = false;

  constructor(
    private readonly messages: MessagesRepository,
    private readonly receipts: ReceiptBatcher,
    private readonly settings: SessionSettings,
    private readonly bus: DomainEventBus,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /** Nothing that fails from here on is tried again. */
  close(): void {
    this.isClosed = true;
  }

  /** WhatsApp, or the recipient, has it. @param at when WhatsApp took it, in ISO 8601, where it said so */
  accept(pending: PendingSend, at?: string): void {
    this.conclude(pending, { status: 'sent', at });
  }

  /** @param code WhatsApp's error */
  refuse(pending: PendingSend, code: string): void {
    this.fail(pending, codeOfWhatsApp(code), `WhatsApp's error ${code}`);
  }

  /**
   * A try failed. That says nothing of an earlier one: then it is tried again, until the database says that it is enough.
   * @param cause for the log
   */
  fail(pending: PendingSend, reason: SendFailureCode, cause: string): void {
    if (!pending.mayHaveArrived) {
      this.conclude(pending, { status: 'failed', reason, cause });
    } else {
      this.postpone(pending);
    }
  }

  /** This try came to nothing, and the next may go better. */
  postpone(pending: PendingSend): void {
    if (!pending.isOver) {
      this.doubt(pending, this.settings.outbound.refusedMs);
    }
  }

  /** Nothing tells whether it left. @param pauseMs after which it is written again, unless that happens before */
  doubt(pending: PendingSend, pauseMs?: number): void {
    void this.record(pending.message, { status: 'unknown' });
    pending.doubt(pauseMs);
  }

  /**
   * The caller waits no longer, and may look at the row next.
   * @returns what to answer; never rejects
   */
  async leave({ message }: PendingSend): Promise<Outcome> {
    const unknown: Outcome = { status: 'unknown' };
    const { pauseMs } = this.settings.outbound;
    return (await withTimeout(this.record(message, unknown), pauseMs)) ?? unknown;
  }

  /**
   * Stores an outcome.
   * @returns what a caller may be told: a failure that could not be stored is not certain, since after a crash the
   *   message would be repeated. Never rejects.
   */
  async record(message: OutboundMessage, outcome: Outcome): Promise<Outcome> {
    const { instanceId, messageId } = message;
    const { reason: error, cause } = outcome.status === 'failed' ? outcome : {};
    const at = outcome.status === 'sent' ? outcome.at : undefined;
    this.log.info({ instanceId, messageId, status: outcome.status, error, cause }, 'message sent');
    while (!(await this.stored({ messageId, status: outcome.status, error, at }))) {
      if (outcome.status === 'sent') {
        const { whatsappMessageId, chatJid } = message;
        this.receipts.add({ instanceId, whatsappMessageId, status: 'sent', at }, personOf(chatJid));
        return outcome;
      }
      if (outcome.status === 'unknown' || this.isClosed) {
        return { status: 'unknown' };
      }
      await delay(this.settings.outbound.pauseMs, undefined, { ref: false });
    }
    return outcome;
  }

  /** It is known how it went. */
  private conclude(pending: PendingSend, outcome: Outcome): void {
    if (pending.isOver) {
      return;
    }
    void this.record(pending.message, outcome).then((told) => pending.settle(told));
    if (outcome.status === 'sent') {
      pending.tell(outcome);
    } else {
      pending.finish();
    }
  }

  private async stored(result: OutboundResult): Promise<boolean> {
    try {
      const events = await this.messages.finishOutbound(result);
      if (events.length > 0) {
        this.bus.emit('events.committed', events);
      }
      return true;
    } catch (err) {
      const { messageId, status } = result;
      this.log.error({ err, messageId, status }, 'outcome of a send not stored');
      return false;
    }
  }
}
