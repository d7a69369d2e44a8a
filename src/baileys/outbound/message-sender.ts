import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppError, hasCode } from '../../common/app-error.js';
import { DomainEventBus } from '../../common/domain-events.js';
import { isPassing, sendFailure } from '../../common/send-failures.js';
import { AppConfig } from '../../config/app-config.js';
import type { OperationEntry } from '../../repositories/audit.repository.js';
import type { Instance } from '../../repositories/instance.js';
import { MessagesRepository } from '../../repositories/messages.repository.js';
import type {
  NewOutboundText,
  OutboundAddress,
  OutboundMessage,
  OutboundPerson,
} from '../../repositories/outbound-message.js';
import { changedNothing, isUnavailable } from '../storage/commit-fault.js';
import type { PendingSend, Outcome } from './pending-send.js';
import type { SendConnection } from './send-connection.js';
import { SendQueues } from './send-queues.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import { KeyedSemaphore } from '../../common/keyed-semaphore.js';
import {
  assertSameRequest,
  type NamedText,
  outcomeOf,
  requestHash,
  sendFailed,
  shuttingDown,
} from './send-request.js';
import { RecipientResolver } from './recipient-resolver.js';
import { SessionSettings } from '../settings/session-settings.js';
import { withTimeout } from '../../common/with-timeout.js';

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
  entry?: PendingSend | undefined;
  isReplay: boolean;
}

/** What a caller wants sent, and until when there must be an answer. */
interface Call {
  instance: Instance;
  text: NamedText;
  isComing: boolean;
  deadline: number;
  operation: OperationEntry | undefined;
}

/** Sends messages: the row with its WhatsApp id first, then the frame, then WhatsApp's acknowledgement. */
@Injectable()
export class MessageSender {
  private readonly locks = new KeyedSemaphore();

  constructor(
    private readonly recipients: RecipientResolver,
    private readonly messages: MessagesRepository,
    private readonly queues: SendQueues,
    private readonly recorder: OutcomeRecorder,
    private readonly settings: SessionSettings,
    private readonly bus: DomainEventBus,
    private readonly config: AppConfig,
  ) {}

  /**
   * @param isComing the instance is linked, and its line comes back by itself when it is down
   * @param operation the entry of the audit log about the call, which is stored with the message
   * @throws AppError `instance_not_connected`, `send_queue_full`, `idempotency_key_reused`, `shutting_down`
   * @throws AppError `recipient_not_on_whatsapp`
   * @throws AppError a `SendFailureCode`: it did not get there, or nobody will ever know
   */
  async sendText(
    instance: Instance,
    text: NamedText,
    isComing: boolean,
    operation?: OperationEntry,
  ): Promise<SentText> {
    const deadline = Date.now() + this.settings.outbound.answerMs;
    const call: Call = { instance, text, isComing, deadline, operation };
    const { idempotencyKey } = text;
    const entered =
      idempotencyKey === undefined
        ? await this.enter(call)
        : await this.locks.run(`${instance.id}/key/${idempotencyKey}`, () =>
            this.enterOnce(call, idempotencyKey),
          );
    return this.answer(entered, deadline);
  }

  /** An earlier call under the key may have stored it: then nothing is in the way of the same answer. */
  private async enterOnce(call: Call, idempotencyKey: string): Promise<Entered> {
    const { instance, text } = call;
    const find = async () => {
      const known = await this.messages.findOutbound(instance.id, idempotencyKey);
      return known && this.replay(known, text);
    };
    // Storing finds it out by itself.
    const isReady = this.queues.isReady(instance.id);
    const known = isReady ? null : await find();
    if (known) {
      return known;
    }
    try {
      return await this.enter(call);
    } catch (error) {
      if (!isReady || !wasInTheWay(error)) {
        throw error;
      }
      const stored = await find();
      if (!stored) {
        throw error;
      }
      return stored;
    }
  }

  /** Stores a message and puts it in line. */
  private async enter(call: Call): Promise<Entered> {
    const { instance, text, isComing, deadline } = call;
    const giveBack = this.queues.reserve(instance.id);
    try {
      const waitMs = Math.min(this.settings.outbound.lineWaitMs, deadline - Date.now());
      const line = await this.queues.line(instance.id, isComing ? waitMs : 0);
      // Messages to one person are stored in the order of the calls, however long finding the person takes.
      return await this.locks.run(`${instance.id}/to/${text.to}`, () => this.store(call, line));
    } finally {
      giveBack();
    }
  }

  private async store({ instance, text, operation }: Call, line: SendConnection): Promise<Entered> {
    const ids = { messageId: text.messageId, whatsappMessageId: text.whatsappMessageId };
    const toStore: NewOutboundText = {
      ...ids,
      instanceId: instance.id,
      epoch: line.epoch,
      requestId: text.requestId,
      organizationId: instance.organizationId,
      content: text.message,
      contentType: 'text',
      bookingPolicy: this.config.bookingPolicy,
      ...(text.idempotencyKey !== undefined && {
        idempotencyKey: text.idempotencyKey,
        requestHash: requestHash(text),
      }),
    };
    const known = this.recipients.known(instance.id, text.to);
    let begun = await this.begin({ ...toStore, ...known }, operation);
    if (begun?.message === null) {
      const person = await this.resolve(instance.id, line, text.to);
      begun = await this.begin({ ...toStore, ...person }, operation);
    }
    if (!begun?.message) {
      // A caller who takes it for a failure would send it once more.
      this.queues.expectLate(instance.id);
      return { ids, outcome: { status: 'unknown' }, isReplay: false };
    }
    const { message, isEarlier } = begun;
    // A try whose answer was lost may be somebody else's business by now.
    return isEarlier || message.whatsappMessageId !== ids.whatsappMessageId
      ? this.replay(message, text)
      : this.entered(message, message.status === 'pending');
  }

  /** A shutdown does not wait for WhatsApp's answer: nothing is stored yet. */
  private async resolve(instanceId: string, line: SendConnection, phone: string): Promise<OutboundPerson> {
    const closed = Promise.withResolvers<never>();
    const forget = line.onEnd(() => this.queues.isClosed && closed.reject(shuttingDown()));
    try {
      return await Promise.race([this.recipients.ask(instanceId, line.socket, phone), closed.promise]);
    } finally {
      forget();
    }
  }

  /** @throws AppError `idempotency_key_reused` */
  private replay(message: OutboundMessage, text: NamedText): Entered {
    assertSameRequest(message, requestHash(text));
    return { ...this.entered(message, false), isReplay: true };
  }

  /** @param isNew nobody else can have tried to send it */
  private entered(message: OutboundMessage, isNew: boolean): Entered {
    const { messageId, whatsappMessageId } = message;
    const outcome = outcomeOf(message.status, message.error);
    const isOpen = outcome.status === 'unknown' || this.mayBeReopened(message, outcome);
    const entry = isOpen ? this.queues.add(message, isNew) : undefined;
    return { ids: { messageId, whatsappMessageId }, outcome, entry, isReplay: false };
  }

  /** WhatsApp did not take it for the moment, and the caller who names it has waited. */
  private mayBeReopened({ instanceId, unchangedMs }: OutboundMessage, outcome: Outcome): boolean {
    if (outcome.status !== 'failed') {
      return false;
    }
    const { kind } = sendFailure(outcome.reason);
    const { reopenMs } = this.settings.outbound;
    return isPassing(kind) && unchangedMs >= reopenMs[kind] && this.queues.isReady(instanceId);
  }

  /**
   * Stores a message; a try that may have worked is repeated, which gives the same row.
   * @param operation stored with it
   * @returns undefined when it may or may not be stored; otherwise the message, null when it is not stored because nobody
   *   knows where to send it, and whether an earlier call had stored it
   */
  private async begin(
    message: NewOutboundText & (OutboundAddress | OutboundPerson),
    operation: OperationEntry | undefined,
  ): Promise<{ message: OutboundMessage | null; isEarlier: boolean } | undefined> {
    const { storeMs, pauseMs } = this.settings.outbound;
    const deadline = Date.now() + storeMs;
    let isFirstTry = true;
    let mayBeStored = false;
    const late = () => new AppError('database_unavailable');
    for (;;) {
      try {
        const left = Math.max(deadline - Date.now(), 1);
        const storing = this.messages.beginOutboundTo({ ...message, audit: operation?.entry });
        const begun = await withTimeout(storing, left, late);
        if (begun.auditId !== undefined) {
          operation?.wasStored(begun.auditId);
        }
        if (begun.events.length > 0) {
          this.bus.emit('events.committed', begun.events);
        }
        return { message: begun.message, isEarlier: isFirstTry && begun.wasThere };
      } catch (error) {
        if (!isUnavailable(error)) {
          throw error;
        }
        isFirstTry = false;
        mayBeStored ||= !changedNothing(error);
        if (Date.now() + pauseMs >= deadline) {
          if (!mayBeStored) {
            throw error;
          }
          return undefined;
        }
        await delay(pauseMs);
      }
    }
  }

  private async answer({ ids, entry, isReplay, ...known }: Entered, deadline: number): Promise<SentText> {
    let { outcome } = known;
    if (entry) {
      const left = Math.max(deadline - Date.now(), 0);
      outcome = (await withTimeout(entry.outcome, left)) ?? (await this.leave(entry.message));
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

/** Something kept the message from being stored that says nothing about an earlier one. */
function wasInTheWay(error: unknown): boolean {
  return hasCode(error, 'instance_not_connected', 'send_queue_full', 'shutting_down', 'organization_closed');
}
