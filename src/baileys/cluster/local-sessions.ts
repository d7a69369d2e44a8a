import { Injectable } from '@nestjs/common';
import { AppError, hasCode, isNotFound } from '../../common/app-error.js';
import type { OperationEntry } from '../../repositories/audit.repository.js';
import type { Instance } from '../../repositories/instance.js';
import type { HeldElsewhere } from '../../repositories/session-batch.js';
import { connectRefused, notConnected } from './refusals.js';
import type { PairingAttempt, PairingRequest } from '../pairing/pairing-attempt.js';
import { ChatActions } from '../outbound/chat-actions.js';
import type { ChatAnswer, ChatRequest } from '../outbound/chat-request.js';
import type { NamedText } from '../outbound/send-request.js';
import { MessageSender, type SentText } from '../outbound/message-sender.js';
import { Session } from '../session/session.js';
import { SessionContext } from '../session/session-context.js';
import { isHeldElsewhere } from '../session/session-loader.js';
import { SessionRegistry } from '../session/session-registry.js';
import { withTimeout } from '../../common/with-timeout.js';

/** What a connect call led to. */
export type ConnectResult =
  | { outcome: 'pairing_code'; pairingCode: string; expiresAt: Date }
  | { outcome: 'qr' }
  /** It came on line. */
  | { outcome: 'resumed' }
  /** It is linked and being dialled; `reason`: why the last try failed. */
  | { outcome: 'resuming'; reason?: string }
  | { outcome: 'already_connected' };

/** What people want of sessions, done in this process: it takes a session over for that, unless another node runs it. */
@Injectable()
export class LocalSessions {
  private isStopping = false;

  constructor(
    private readonly registry: SessionRegistry,
    private readonly sender: MessageSender,
    private readonly chats: ChatActions,
    private readonly context: SessionContext,
  ) {}

  /** Nothing more is begun. */
  stop(): void {
    this.isStopping = true;
  }

  /**
   * Links an instance or brings it back on line. A pairing that is under way is void: its code stops working.
   * @throws as `SessionsService.connect`
   */
  async connect(instance: Instance, request: PairingRequest): Promise<ConnectResult | HeldElsewhere> {
    const begun = await this.registry.exclusively(instance.id, () => this.begin(instance, request));
    if (!(begun instanceof Session)) {
      return codeOf(begun);
    }
    const resumed = await this.resumed(begun);
    if (resumed) {
      return resumed;
    }
    // WhatsApp knows the device no more, so there is nothing left to bring on line.
    const again = await this.registry.exclusively(instance.id, () => this.begin(instance, request));
    return again instanceof Session ? { outcome: 'resuming' } : codeOf(again);
  }

  /** @throws as `SessionsService.sendText` */
  async sendText(
    instance: Instance,
    text: NamedText,
    operation?: OperationEntry,
  ): Promise<SentText | HeldElsewhere> {
    this.assertOpen();
    const held = await this.bringBack(instance);
    if (held) {
      return held;
    }
    const session = this.registry.get(instance.id);
    const isComing = (session?.isLinked ?? false) && session?.bannedUntil === undefined;
    try {
      return await this.sender.sendText(instance, text, isComing, operation);
    } catch (error) {
      throw hasCode(error, 'instance_not_connected') ? offLine(instance, session) : error;
    }
  }

  /** @throws as `SessionsService.act` */
  async act(instance: Instance, request: ChatRequest): Promise<ChatAnswer | HeldElsewhere> {
    this.assertOpen();
    const held = await this.bringBack(instance);
    if (held) {
      return held;
    }
    const session = this.registry.get(instance.id);
    const socket = session?.openSocket;
    if (!socket) {
      throw offLine(instance, session);
    }
    return this.chats.act(instance, socket, request);
  }

  /**
   * Takes the device of a deleted instance off its account and forgets the session. Waits a while for it; it goes on without
   * anybody who waits. Nothing is begun at a shutdown: the process that starts next does it.
   */
  async logOut(instance: Instance): Promise<HeldElsewhere | undefined> {
    if (this.isStopping) {
      return undefined;
    }
    const { settings, config } = this.context;
    const session = await this.registry.exclusively(instance.id, async () => {
      const running = this.registry.get(instance.id) ?? (await this.reopen(instance));
      if (running && !isHeldElsewhere(running)) {
        await this.registry.remove(running, config.logoutHours * 3_600_000, true);
      }
      return running;
    });
    if (session && isHeldElsewhere(session)) {
      return session;
    }
    if (session?.isLeaving) {
      await withTimeout(session.cleanedUp, settings.logoutAnswerMs);
    }
    return undefined;
  }

  /** Takes over what nobody runs and what comes on line by itself. */
  private async bringBack(instance: Instance): Promise<HeldElsewhere | undefined> {
    const isToCome = !this.registry.get(instance.id) && instance.resumes === 'by_itself';
    return isToCome ? this.registry.bringBack(instance, true) : undefined;
  }

  private async begin(
    instance: Instance,
    request: PairingRequest,
  ): Promise<ConnectResult | PairingAttempt | Session | HeldElsewhere> {
    this.assertOpen();
    const running = this.registry.get(instance.id);
    assertThere(running);
    if (running?.openSocket) {
      return { outcome: 'already_connected' };
    }
    if (running?.isLinked) {
      return this.resume(running);
    }
    if (running) {
      await this.registry.close(running, 'pairing_replaced');
    } else if (!instance.hasSession) {
      this.assertPlaceToPair();
    }
    const session = await this.registry.open(instance, instance.hasSession ? 'urgent' : 'pairing');
    if ('heldBy' in session) {
      return session;
    }
    assertThere(session);
    if (session.isLinked) {
      return this.resume(session);
    }
    const attempt = session.pair(request);
    return request.method === 'qr' ? { outcome: 'qr' } : attempt;
  }

  /** @throws AppError while WhatsApp wants to be left alone: a number that dials then is banned for longer */
  private resume(session: Session): Session {
    if (session.bannedUntil) {
      throw connectRefused(session.lastCause ?? 'temporarily_banned', session.bannedUntil);
    }
    session.resume(true);
    return session;
  }

  /**
   * @returns undefined when WhatsApp has removed the device, and nothing is left of it here
   * @throws AppError when WhatsApp refuses the login
   */
  private async resumed(session: Session): Promise<ConnectResult | undefined> {
    const { resumeAnswerMs } = this.context.settings;
    const fate = await session.nextFate(resumeAnswerMs);
    if (fate?.outcome === 'open') {
      return { outcome: 'resumed' };
    }
    if (fate?.reason === 'logged_out') {
      await withTimeout(session.cleanedUp, resumeAnswerMs);
      return undefined;
    }
    if (fate && fate.reason !== 'handed_over') {
      throw connectRefused(fate.reason, fate.until);
    }
    return { outcome: 'resuming', ...(session.lastCause !== undefined && { reason: session.lastCause }) };
  }

  /** @returns undefined when there is nothing left to log out */
  private async reopen(instance: Instance): Promise<Session | HeldElsewhere | undefined> {
    try {
      return await this.registry.open(instance, 'urgent');
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  private assertPlaceToPair(): void {
    const pairings = this.registry.all().filter(({ phase }) => phase === 'pairing').length;
    if (pairings >= this.context.settings.simultaneousPairings) {
      throw new AppError('too_many_pairings', {
        message: 'This process links as many phones at the same time as it can; try again in a moment.',
      });
    }
  }

  private assertOpen(): void {
    if (this.isStopping) {
      throw new AppError('shutting_down');
    }
  }
}

function offLine(instance: Instance, session: Session | undefined): AppError {
  return notConnected(
    session?.lastCause ?? instance.lastDisconnectReason,
    session?.isLinked ?? instance.hasSession,
    session?.bannedUntil,
  );
}

async function codeOf(
  begun: ConnectResult | PairingAttempt | HeldElsewhere,
): Promise<ConnectResult | HeldElsewhere> {
  if ('outcome' in begun || 'heldBy' in begun) {
    return begun;
  }
  const { pairingCode, expiresAt } = await begun.code;
  return { outcome: 'pairing_code', pairingCode, expiresAt };
}

/** @throws AppError `instance_not_found` for a session of a deleted instance */
function assertThere(session: Session | undefined): void {
  if (session?.isLeaving) {
    throw new AppError('instance_not_found');
  }
}
