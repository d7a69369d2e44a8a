import { Injectable } from '@nestjs/common';
import { AppError, hasCode } from '../../common/app-error.js';
import { KeyedSemaphore } from '../../common/keyed-semaphore.js';
import { isPassing, sendFailure } from '../../common/send-failures.js';
import type { OperationEntry } from '../../repositories/audit.repository.js';
import type { Instance } from '../../repositories/instance.js';
import type { OutboundMessage, OutboundPerson } from '../../repositories/outbound-message.js';
import { withTimeout } from '../../common/with-timeout.js';
import { SessionSettings } from '../settings/session-settings.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import type { Outcome, PendingSend } from './pending-send.js';
import { RecipientResolver } from './recipient-resolver.js';
import type { SendConnection } from './send-connection.js';
import { SendQueues } from './send-queues.js';
import {
  assertSameRequest,
  type NamedText,
  outcomeOf,
  requestHash,
  sendFailed,
  shuttingDown,
} from './send-request.js';
import { SendStore, type SendToStore } from './send-store.js';

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

/** A message that is stored as far as it is known, and how far it has come. */
interface Entered {
  ids: Pick<SentText, 'messageId' | 'whatsappMessageId'>;
  outcome: Outcome;
  /** While this process looks after it. */
  pending?: PendingSend | undefined;
  isReplay: boolean;
}

/** What a caller wants sent, and until when there must be an answer. */
interface Call extends SendToStore {
  isComing: boolean;
  deadline: number;
}

/** Sends messages: the row with its WhatsApp id first, then the frame, then WhatsApp's acknowledgement. */
@Injectable()
export class MessageSender {
  private readonly locks = new KeyedSemaphore();

  constructor(
    private readonly recipients: RecipientResolver,
    private readonly store: SendStore,
    private readonly queues: SendQueues,
    private readonly recorder: OutcomeRecorder,
    private readonly settings: SessionSettings,
  ) {}

  /**
   * @param isComing the instance is linked, and its connection comes back by itself when it is down
   * @param operation the entry of the audit log about the call, which is stored with the message
   * @throws AppError `instance_not_connected`, `send_queue_full`, `idempotency_key_reused`, `shutting_down`
   * @throws AppError `recipient_not_on_whatsapp`
   * @throws AppError a `SendFailureCode`: it did not get there, or that will never be known
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
            text.isRepeat ? this.repeat(call, idempotencyKey) : this.enterOnce(call, idempotencyKey),
          );
    return this.answer(entered, deadline);
  }

  /** An earlier call under the key may have stored it: then nothing is in the way of the same answer. */
  private async enterOnce(call: Call, idempotencyKey: string): Promise<Entered> {
    const { instance, text } = call;
    const find = async () => {
      const known = await this.store.find(instance.id, idempotencyKey);
      return known && this.replay(known, text);
    };
    // Storing finds it out by itself.
    const isReady = this.queues.of(instance.id).isReady;
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

  private async repeat({ instance, text }: Call, idempotencyKey: string): Promise<Entered> {
    const stored = await this.store.find(instance.id, idempotencyKey);
    if (!stored) {
      throw new AppError('message_deleted'); // In this very moment.
    }
    return this.replay(stored, text);
  }

  /** Stores a message and puts it into the queue. */
  private async enter(call: Call): Promise<Entered> {
    const { instance, text, isComing, deadline } = call;
    const waitMs = Math.min(this.settings.outbound.lineWaitMs, deadline - Date.now());
    return this.queues.of(instance.id).admit(isComing ? waitMs : 0, (connection) =>
      // Messages to one person are stored in the order of the calls, however long finding the person takes.
      this.locks.run(`${instance.id}/to/${text.to}`, () => this.begin(call, connection)),
    );
  }

  private async begin(call: Call, connection: SendConnection): Promise<Entered> {
    const { instance, text } = call;
    const { messageId, whatsappMessageId } = text;
    const known = text.address ?? this.recipients.known(instance.id, text.to);
    let begun = await this.store.begin(call, connection.epoch, known);
    if (begun?.message === null) {
      const person = await this.resolve(instance.id, connection, text.to);
      begun = await this.store.begin(call, connection.epoch, person);
    }
    if (!begun?.message) {
      // A caller who takes it for a failure would send it once more.
      this.queues.of(instance.id).expectLate();
      return { ids: { messageId, whatsappMessageId }, outcome: { status: 'unknown' }, isReplay: false };
    }
    const { message, isEarlier } = begun;
    // A try whose answer was lost may be another call's business by now.
    return isEarlier || message.whatsappMessageId !== whatsappMessageId
      ? this.replay(message, text)
      : this.entered(message, message.status === 'pending');
  }

  /** A shutdown does not wait for WhatsApp's answer: nothing is stored yet. */
  private async resolve(
    instanceId: string,
    { socket, ended }: SendConnection,
    phone: string,
  ): Promise<OutboundPerson> {
    const closed = Promise.withResolvers<never>();
    const onEnd = () => this.queues.isClosed && closed.reject(shuttingDown());
    ended.addEventListener('abort', onEnd);
    try {
      return await Promise.race([this.recipients.ask(instanceId, socket, phone), closed.promise]);
    } finally {
      ended.removeEventListener('abort', onEnd);
    }
  }

  /** @throws AppError `idempotency_key_reused` */
  private replay(message: OutboundMessage, text: NamedText): Entered {
    assertSameRequest(message, requestHash(text));
    return { ...this.entered(message, false), isReplay: true };
  }

  /** @param isNew no other process can have tried to send it */
  private entered(message: OutboundMessage, isNew: boolean): Entered {
    const { messageId, whatsappMessageId } = message;
    const outcome = outcomeOf(message.status, message.error);
    const isOpen = outcome.status === 'unknown' || this.mayBeReopened(message, outcome);
    const pending = isOpen ? this.queues.of(message.instanceId).add(message, isNew) : undefined;
    return { ids: { messageId, whatsappMessageId }, outcome, pending, isReplay: false };
  }

  /** WhatsApp did not take it for the moment, and the caller who names it has waited. */
  private mayBeReopened({ instanceId, unchangedMs }: OutboundMessage, outcome: Outcome): boolean {
    if (outcome.status !== 'failed') {
      return false;
    }
    const { kind } = sendFailure(outcome.reason);
    const { reopenMs } = this.settings.outbound;
    return isPassing(kind) && unchangedMs >= reopenMs[kind] && this.queues.of(instanceId).isReady;
  }

  private async answer({ ids, pending, isReplay, ...known }: Entered, deadline: number): Promise<SentText> {
    let { outcome } = known;
    if (pending) {
      const left = Math.max(deadline - Date.now(), 0);
      outcome = (await withTimeout(pending.outcome, left)) ?? (await this.recorder.leave(pending));
    }
    if (outcome.status === 'failed') {
      throw sendFailed(outcome.reason);
    }
    return { ...ids, status: outcome.status, isReplay };
  }
}

/** The message was not stored, for a reason that says nothing about an earlier one. */
function wasInTheWay(error: unknown): boolean {
  return hasCode(error, 'instance_not_connected', 'send_queue_full', 'shutting_down', 'organization_closed');
}
