import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppError, hasCode } from '../../common/app-error.js';
import type { OperationEntry } from '../../repositories/audit.repository.js';
import { FencedError } from '../../repositories/fenced-error.js';
import type { Instance } from '../../repositories/instance.js';
import { InstancesRepository } from '../../repositories/instances.repository.js';
import { MessagesRepository } from '../../repositories/messages.repository.js';
import type { HeldElsewhere } from '../../repositories/session-batch.js';
import { isUnavailable } from '../storage/commit-fault.js';
import { type ConnectResult, LocalSessions } from './local-sessions.js';
import type { ChatAnswer, ChatRequest } from '../outbound/chat-request.js';
import type { PairingRequest } from '../pairing/pairing-attempt.js';
import {
  assertSameRequest,
  named,
  type NamedText,
  type OutgoingText,
  outcomeOf,
  requestHash,
  sendFailed,
} from '../outbound/send-request.js';
import { type Asked, NodeRequestClient } from './node-request-client.js';
import type { SentText } from '../outbound/message-sender.js';
import { isHeldElsewhere } from '../session/session-loader.js';
import { SessionRegistry } from '../session/session-registry.js';
import { SessionSettings } from '../settings/session-settings.js';

/** An instance that moves from node to node is followed so often. */
const MAX_MOVES = 8;
const MOVE_PAUSE_MS = 250;

/** The other node did not answer in time. */
export const LATE = Symbol('late');

/** Does what people want of a session wherever it is run: here, on another node, or nowhere yet, and then here. */
@Injectable()
export class SessionCalls {
  constructor(
    private readonly registry: SessionRegistry,
    private readonly local: LocalSessions,
    private readonly client: NodeRequestClient,
    private readonly instances: InstancesRepository,
    private readonly messages: MessagesRepository,
    private readonly settings: SessionSettings,
  ) {}

  connect(instance: Instance, request: PairingRequest): Promise<ConnectResult | typeof LATE> {
    const waitMs = this.settings.pairingAnswerMs + this.settings.requestGraceMs;
    return this.follow(
      instance,
      (current) => this.local.connect(current, request),
      () => this.client.ask(instance.id, 'connect', request, { waitMs }),
    );
  }

  async sendText(instance: Instance, outgoing: OutgoingText, operation?: OperationEntry): Promise<SentText> {
    const waitMs = this.settings.outbound.answerMs + this.settings.requestGraceMs;
    const text = named(instance.id, outgoing);
    let isInDoubt = false;
    const sending = this.follow(
      instance,
      (current) => this.local.sendText(current, text, operation),
      async () => {
        await operation?.store();
        const asked = await this.client.ask(
          instance.id,
          text.content || text.isRepeat ? 'send_content' : 'send',
          text,
          {
            waitMs,
          },
        );
        isInDoubt ||= asked.outcome === 'gone' || asked.outcome === 'late';
        return asked;
      },
    );
    const sent = await sending.catch((error: unknown) => {
      if (!isInDoubt) {
        throw error;
      }
      return this.stored(instance, text, error);
    });
    return sent === LATE ? this.stored(instance, text, notResponding()) : sent;
  }

  async act(instance: Instance, request: ChatRequest): Promise<ChatAnswer> {
    const waitMs = this.settings.lookupMs * 2 + this.settings.requestGraceMs;
    const answer = await this.follow(
      instance,
      (current) => this.local.act(current, request),
      () => this.client.ask(instance.id, 'chat', request, { waitMs }),
    );
    if (answer === LATE) {
      throw notResponding();
    }
    return answer;
  }

  /** Tries to log the device of a deleted instance out, and waits a while for it. */
  async logOut(instance: Instance): Promise<void> {
    const { logoutAnswerMs, requestGraceMs, logoutLingerMs } = this.settings;
    const bounds = { waitMs: logoutAnswerMs + requestGraceMs, lingerMs: logoutLingerMs };
    await this.follow(
      instance,
      async (current) => (await this.local.logOut(current)) ?? {},
      () => this.client.ask(instance.id, 'logout', { deleted: true }, bounds),
    );
  }

  /**
   * @param here does it in this process
   * @param there asks the node that runs the session
   */
  private async follow<T extends object>(
    instance: Instance,
    here: (current: Instance) => Promise<T | HeldElsewhere>,
    there: () => Promise<Asked<T>>,
  ): Promise<T | typeof LATE> {
    let current = instance;
    for (let move = 0; move < MAX_MOVES; move++) {
      const wasHere = this.isHere(instance.id);
      const asked = wasHere ? undefined : await there();
      if (asked?.outcome === 'answered') {
        return asked.result;
      }
      if (asked?.outcome === 'late') {
        return LATE;
      }
      try {
        const result = await here(current);
        if (!isHeldElsewhere(result)) {
          return result;
        }
      } catch (error) {
        if (!hasLeft(error) || !wasHere || this.isHere(instance.id)) {
          throw error;
        }
      }
      await delay(MOVE_PAUSE_MS);
      current = (await this.instances.findInstance('all', instance.id, { includeDeleted: true })) ?? current;
    }
    throw new AppError('instance_busy');
  }

  /**
   * A node that gave no answer may have stored it, and none can any more: what is stored tells.
   * @param failure thrown when nothing is
   */
  private async stored({ id }: Instance, text: NamedText, failure: unknown): Promise<SentText> {
    const { idempotencyKey, whatsappMessageId, messageId } = text;
    let message;
    try {
      message = await this.messages.findOutbound(id, idempotencyKey, whatsappMessageId);
    } catch (error) {
      if (!isUnavailable(error)) {
        throw error;
      }
      return { messageId, whatsappMessageId, status: 'unknown' };
    }
    if (!message) {
      throw failure;
    }
    const isReplay = message.whatsappMessageId !== whatsappMessageId;
    if (isReplay) {
      assertSameRequest(message, requestHash(text));
    }
    const outcome = outcomeOf(message.status, message.error);
    if (outcome.status === 'failed') {
      throw sendFailed(outcome.reason);
    }
    return {
      messageId: message.messageId,
      whatsappMessageId: message.whatsappMessageId,
      status: outcome.status,
      isReplay,
    };
  }

  private isHere(instanceId: string): boolean {
    return this.registry.get(instanceId) !== undefined;
  }
}

function notResponding(): AppError {
  return new AppError('instance_not_responding');
}

/** Nothing was done, because the session was given up meanwhile. */
function hasLeft(error: unknown): boolean {
  return error instanceof FencedError || hasCode(error, 'instance_not_connected');
}
