import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InvalidStateError, UpstreamError } from '../common/app-error.js';
import { FencedError } from '../repositories/fenced-error.js';
import type { Instance } from '../repositories/instance.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { MessagesRepository } from '../repositories/messages.repository.js';
import type { HeldElsewhere } from '../repositories/session-batch.js';
import { type ConnectResult, LocalSessions } from './local-sessions.js';
import type { PairingRequest } from './pairing-attempt.js';
import {
  assertSameRequest,
  type OutgoingText,
  outcomeOf,
  requestHash,
  sendFailed,
} from './outbound-request.js';
import { type Asked, RequestDesk } from './request-desk.js';
import type { SentText } from './sender.js';
import { isHeldElsewhere } from './session-loader.js';
import { SessionRegistry } from './session-registry.js';
import { SessionSettings } from './session-settings.js';

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
    private readonly desk: RequestDesk,
    private readonly instances: InstancesRepository,
    private readonly messages: MessagesRepository,
    private readonly settings: SessionSettings,
  ) {}

  connect(instance: Instance, request: PairingRequest): Promise<ConnectResult | typeof LATE> {
    const waitMs = this.settings.pairingAnswerMs + this.settings.requestGraceMs;
    return this.follow(
      instance,
      (current) => this.local.connect(current, request),
      () => this.desk.ask(instance.id, 'connect', request, { waitMs }),
    );
  }

  async sendText(instance: Instance, text: OutgoingText): Promise<SentText> {
    const waitMs = this.settings.outbound.answerMs + this.settings.requestGraceMs;
    // Under a key it can be asked for again, of whoever runs the session then, and is stored once.
    const keyed = { ...text, idempotencyKey: text.idempotencyKey ?? `node-request/${randomUUID()}` };
    let wasAsked = false;
    const sent = await this.follow(
      instance,
      (current) => this.local.sendText(current, wasAsked ? keyed : text),
      async () => {
        const asked = await this.desk.ask(instance.id, 'send', keyed, { waitMs });
        wasAsked ||= asked.outcome !== 'nobody';
        return asked;
      },
    );
    const answer = sent === LATE ? await this.storedUnder(instance, keyed) : sent;
    return text.idempotencyKey === undefined ? { ...answer, isReplay: false } : answer;
  }

  /** @returns LATE: it will be done */
  logoutAndWipe(instance: Instance, options: { deleted: boolean }): Promise<object | typeof LATE> {
    const { logoutMs, requestGraceMs, logoutLingerMs } = this.settings;
    const bounds = { waitMs: 2 * logoutMs + requestGraceMs, lingerMs: logoutLingerMs };
    return this.follow(
      instance,
      async (current) => (await this.local.logoutAndWipe(current, options)) ?? {},
      () => this.desk.ask(instance.id, 'logout', options, bounds),
    );
  }

  /**
   * @param here does it in this process
   * @param there asks whoever else runs the session
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
    throw new InvalidStateError(
      'instance_busy',
      'The instance moves between processes; try again in a moment.',
    );
  }

  /** Nobody answered, and nothing can be stored for the request any more: what is stored tells. */
  private async storedUnder(
    { id }: Instance,
    text: OutgoingText & { idempotencyKey: string },
  ): Promise<SentText> {
    const message = await this.messages.findOutbound(id, text.idempotencyKey);
    if (!message) {
      throw new UpstreamError(
        'instance_not_responding',
        'The process that runs the instance does not answer. Nothing was sent; try again in a moment.',
      );
    }
    assertSameRequest(message, requestHash(text));
    const outcome = outcomeOf(message.status, message.error);
    if (outcome.status === 'failed') {
      throw sendFailed(outcome.reason);
    }
    const { messageId, whatsappMessageId } = message;
    return { messageId, whatsappMessageId, status: outcome.status };
  }

  private isHere(instanceId: string): boolean {
    return this.registry.get(instanceId) !== undefined;
  }
}

/** Nothing was done, because the session was given up meanwhile. */
function hasLeft(error: unknown): boolean {
  return (
    error instanceof FencedError ||
    (error instanceof InvalidStateError && error.code === 'instance_not_connected')
  );
}
