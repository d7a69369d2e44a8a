import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { UpstreamError } from '../../common/app-error.js';
import type { Instance } from '../../repositories/instance.js';
import { MessagesRepository } from '../../repositories/messages.repository.js';
import type { NewOutbound, OutboundMessage } from '../../repositories/outbound-message.js';
import { isUnavailable } from '../storage/commit-fault.js';
import { KeyedLock } from '../keyed-lock.js';
import type { OutboundEntry, Outcome } from './outbound-entry.js';
import type { OutboundLine } from './outbound-line.js';
import { OutboundOffice } from './outbound-office.js';
import { OutboundRecorder } from './outbound-recorder.js';
import {
  assertSameRequest,
  type NamedText,
  outcomeOf,
  requestHash,
  sendFailed,
  shuttingDown,
} from './outbound-request.js';
import { type Recipient, RecipientResolver } from './recipient-resolver.js';
import { SessionSettings } from '../session-settings.js';
import { withTimeout } from '../with-timeout.js';

export interface SentText {
  /** Id of the message's row. */
  messageId: string;
  whatsappMessageId: string;
  /**
   * `unknown`: WhatsApp did not confirm it yet; the row says later how it went. Where the database did not confirm it
   * either, there may be no such row.
   */
  status: 'sent' | 'unknown';
  /** An earlier call under the same idempotency key stored the message. */
  isReplay?: boolean;
}

/** A message that is stored as far as anybody knows, and how far it has come. */
interface Entered {
  ids: Pick<SentText, 'messageId' | 'whatsappMessageId'>;
  outcome: Outcome;
  /** While this process looks after it. */
  entry?: OutboundEntry | undefined;
  isReplay: boolean;
}

/** Sends messages: the row with its WhatsApp id first, then the frame, then WhatsApp's acknowledgement. */
@Injectable()
export class Sender {
  private readonly locks = new KeyedLock();

  constructor(
    private readonly recipients: RecipientResolver,
    private readonly messages: MessagesRepository,
    private readonly office: OutboundOffice,
    private readonly recorder: OutboundRecorder,
    private readonly settings: SessionSettings,
  ) {}

  /**
   * @param isComing the instance is linked, and its line comes back by itself when it is down
   * @throws InvalidStateError `instance_not_connected`, `send_queue_full`, `idempotency_key_reused`, `shutting_down`
   * @throws InvalidInputError `recipient_not_on_whatsapp`
   * @throws UpstreamError `send_failed`: it did not get there, or nobody will ever know
   */
  async sendText(instance: Instance, text: NamedText, isComing: boolean): Promise<SentText> {
    const deadline = Date.now() + this.settings.outbound.answerMs;
    const { idempotencyKey } = text;
    const entered =
      idempotencyKey === undefined
        ? await this.enter(instance, text, isComing, deadline)
        : await this.locks.run(`${instance.id}/key/${idempotencyKey}`, async () => {
            const known = await this.messages.findOutbound(instance.id, idempotencyKey);
            return known ? this.replay(known, text) : this.enter(instance, text, isComing, deadline);
          });
    return this.answer(entered, deadline);
  }

  /** Stores a message and puts it in line. */
  private async enter(
    instance: Instance,
    text: NamedText,
    isComing: boolean,
    deadline: number,
  ): Promise<Entered> {
    const giveBack = this.office.reserve(instance.id);
    try {
      const waitMs = Math.min(this.settings.outbound.lineWaitMs, deadline - Date.now());
      const line = await this.office.line(instance.id, isComing ? waitMs : 0);
      // Messages to one person are stored in the order of the calls, however long finding the person takes.
      return await this.locks.run(`${instance.id}/to/${text.to}`, () => this.store(instance, line, text));
    } finally {
      giveBack();
    }
  }

  private async store(instance: Instance, line: OutboundLine, text: NamedText): Promise<Entered> {
    const recipient = await this.resolve(instance, line, text.to);
    const ids = { messageId: text.messageId, whatsappMessageId: text.whatsappMessageId };
    const message = await this.begin({
      ...ids,
      instanceId: instance.id,
      epoch: line.epoch,
      requestId: text.requestId,
      organizationId: instance.organizationId,
      phone: recipient.phone,
      lid: recipient.lid,
      chatJid: recipient.jid,
      content: text.message,
      contentType: 'text',
      ...(text.idempotencyKey !== undefined && {
        idempotencyKey: text.idempotencyKey,
        requestHash: requestHash(text),
      }),
    });
    if (!message) {
      // A caller who takes it for a failure would send it once more.
      this.office.expectLate(instance.id);
      return { ids, outcome: { status: 'unknown' }, isReplay: false };
    }
    // A try whose answer was lost may be somebody else's business by now.
    return message.whatsappMessageId === ids.whatsappMessageId
      ? this.entered(message, message.status === 'pending')
      : this.replay(message, text);
  }

  /** A shutdown does not wait for WhatsApp's answer: nothing is stored yet. */
  private async resolve(instance: Instance, line: OutboundLine, to: string): Promise<Recipient> {
    const closed = Promise.withResolvers<never>();
    const forget = line.onEnd(() => this.office.isClosed && closed.reject(shuttingDown()));
    try {
      return await Promise.race([this.recipients.resolve(instance, line.socket, to), closed.promise]);
    } finally {
      forget();
    }
  }

  /** @throws InvalidStateError `idempotency_key_reused` */
  private replay(message: OutboundMessage, text: NamedText): Entered {
    assertSameRequest(message, requestHash(text));
    return { ...this.entered(message, false), isReplay: true };
  }

  /** @param isNew nobody else can have tried to send it */
  private entered(message: OutboundMessage, isNew: boolean): Entered {
    const { messageId, whatsappMessageId } = message;
    const outcome = outcomeOf(message.status, message.error);
    const entry = outcome.status === 'unknown' ? this.office.add(message, isNew) : undefined;
    return { ids: { messageId, whatsappMessageId }, outcome, entry, isReplay: false };
  }

  /**
   * Stores a message; a try that may have worked is repeated, which gives the same row.
   * @returns undefined when it may or may not be stored
   */
  private async begin(message: NewOutbound): Promise<OutboundMessage | undefined> {
    const { storeMs, pauseMs } = this.settings.outbound;
    const deadline = Date.now() + storeMs;
    const late = () =>
      new UpstreamError('database_unavailable', 'The database is not available. Try again later.');
    for (;;) {
      try {
        const left = Math.max(deadline - Date.now(), 1);
        return await withTimeout(this.messages.beginOutbound(message), left, late);
      } catch (error) {
        if (!isUnavailable(error)) {
          throw error;
        }
        if (Date.now() + pauseMs >= deadline) {
          return undefined;
        }
        await delay(pauseMs);
      }
    }
  }

  private async answer({ ids, entry, isReplay, ...known }: Entered, deadline: number): Promise<SentText> {
    let { outcome } = known;
    if (entry) {
      const late = new AbortController();
      const bound = delay(Math.max(deadline - Date.now(), 0), undefined, { signal: late.signal }).catch(
        () => undefined,
      );
      outcome = (await Promise.race([entry.outcome, bound])) ?? (await this.leave(entry.message));
      late.abort();
    }
    if (outcome.status === 'failed') {
      throw sendFailed(outcome.reason);
    }
    return { ...ids, status: outcome.status, isReplay };
  }

  /** The caller waits no longer, and may look at the row next. */
  private async leave(message: OutboundMessage): Promise<Outcome> {
    const unknown: Outcome = { status: 'unknown' };
    const recording = this.recorder.record(message, unknown);
    const late = () => new Error('not stored yet');
    return withTimeout(recording, this.settings.outbound.pauseMs, late).catch(() => unknown);
  }
}
