import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/app-error.js';
import { DomainEventBus } from '../../common/domain-events.js';
import { withTimeout } from '../../common/with-timeout.js';
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
import { SessionSettings } from '../settings/session-settings.js';
import { changedNothing, isUnavailable } from '../storage/commit-fault.js';
import { describeOutgoing } from './outgoing-description.js';
import { type NamedText, requestHash } from './send-request.js';

/** What a caller wants stored. */
export interface SendToStore {
  instance: Instance;
  text: NamedText;
  /** The entry of the audit log about the call, which is stored with the message. */
  operation: OperationEntry | undefined;
}

/** What came of storing a message. */
export interface StoredSend {
  /** Null when it is not stored, because it is not known where to send it. */
  message: OutboundMessage | null;
  /** An earlier call had stored it. */
  isEarlier: boolean;
}

/** Stores messages before they are sent. */
@Injectable()
export class SendStore {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly settings: SessionSettings,
    private readonly bus: DomainEventBus,
    private readonly config: AppConfig,
  ) {}

  /** @returns the message that is stored under an idempotency key */
  find(instanceId: string, idempotencyKey: string): Promise<OutboundMessage | null> {
    return this.messages.findOutbound(instanceId, idempotencyKey);
  }

  /**
   * Stores a message; a try that may have worked is repeated, which gives the same row.
   * @param epoch of the ownership under which it is to be sent
   * @returns undefined when it may or may not be stored
   * @throws AppError `database_unavailable`: it is not stored
   */
  async begin(
    { instance, text, operation }: SendToStore,
    epoch: number,
    recipient: OutboundAddress | OutboundPerson,
  ): Promise<StoredSend | undefined> {
    const { storeMs, pauseMs } = this.settings.outbound;
    const deadline = Date.now() + storeMs;
    const message = { ...this.rowOf(instance, text, epoch), ...recipient };
    let isFirstTry = true;
    let mayBeStored = false;
    for (;;) {
      try {
        const left = Math.max(deadline - Date.now(), 1);
        const storing = this.messages.beginOutboundTo({ ...message, audit: operation?.entry });
        const begun = await withTimeout(storing, left, unavailable);
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

  private rowOf({ id, organizationId }: Instance, text: NamedText, epoch: number): NewOutboundText {
    const { messageId, whatsappMessageId, requestId, message, idempotencyKey } = text;
    return {
      messageId,
      whatsappMessageId,
      instanceId: id,
      epoch,
      requestId,
      organizationId,
      content: message,
      contentType: 'text',
      ...(text.content && describeOutgoing(text.content, text)),
      bookingPolicy: this.config.bookingPolicy,
      ...(idempotencyKey !== undefined && { idempotencyKey, requestHash: requestHash(text) }),
    };
  }
}

function unavailable(): AppError {
  return new AppError('database_unavailable');
}
