import { Injectable } from '@nestjs/common';
import { InvalidStateError } from '../../common/app-error.js';
import type { DeedEntry } from '../../repositories/audit.repository.js';
import type { Instance } from '../../repositories/instance.js';
import type { HeldElsewhere } from '../../repositories/session-batch.js';
import { logoutDevice } from '../connection/device-logout.js';
import type { PairingAttempt, PairingRequest } from '../pairing/pairing-attempt.js';
import type { NamedText } from '../outbound/outbound-request.js';
import { Sender, type SentText } from '../outbound/sender.js';
import type { Session } from '../session.js';
import { SessionContext } from '../session-context.js';
import { isHeldElsewhere } from '../session-loader.js';
import { SessionRegistry } from '../session-registry.js';
import { SessionUnreadableError } from '../vault/session-unreadable-error.js';
import { withTimeout } from '../with-timeout.js';

/** What a connect call led to. */
export type ConnectResult =
  | { outcome: 'pairing_code'; pairingCode: string; expiresAt: Date }
  | { outcome: 'qr' }
  | { outcome: 'resuming' }
  | { outcome: 'already_connected' };

/** Reasons for which a session ends that somebody goes on with. */
const COMES_BACK = ['service_stopped', 'handed_over'];

/** What people want of sessions, done in this process: it takes a session over for that, unless another node runs it. */
@Injectable()
export class LocalSessions {
  private isStopping = false;

  constructor(
    private readonly registry: SessionRegistry,
    private readonly sender: Sender,
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
    if ('outcome' in begun || 'heldBy' in begun) {
      return begun;
    }
    const { pairingCode, expiresAt } = await begun.code;
    return { outcome: 'pairing_code', pairingCode, expiresAt };
  }

  /** @throws as `SessionsService.sendText` */
  async sendText(instance: Instance, text: NamedText, deed?: DeedEntry): Promise<SentText | HeldElsewhere> {
    this.assertOpen();
    if (!this.registry.get(instance.id) && isToBeResumed(instance)) {
      const held = await this.registry.bringBack(instance, true);
      if (held) {
        return held;
      }
    }
    const isComing = this.registry.get(instance.id)?.isLinked ?? false;
    return this.sender.sendText(instance, text, isComing, deed);
  }

  /**
   * Removes the device from the account where WhatsApp can be reached, and forgets the session in any case.
   * @param options.deleted also marks the instance as deleted
   */
  logoutAndWipe(instance: Instance, options: { deleted: boolean }): Promise<HeldElsewhere | undefined> {
    return this.registry.exclusively(instance.id, async () => {
      const session = this.registry.get(instance.id) ?? (await this.reopen(instance));
      if (session && 'heldBy' in session) {
        return session;
      }
      if (session) {
        await this.logOut(session);
        await this.registry.close(session, 'logged_out');
      }
      // Whoever took it over after the release may have linked another device by now.
      const epoch = session?.handle.epoch ?? null;
      await this.registry.wipe(instance.id, { epoch, deleted: options.deleted });
      return undefined;
    });
  }

  private async begin(
    instance: Instance,
    request: PairingRequest,
  ): Promise<ConnectResult | PairingAttempt | HeldElsewhere> {
    this.assertOpen();
    const running = this.registry.get(instance.id);
    if (running?.openSocket) {
      return { outcome: 'already_connected' };
    }
    if (running?.isLinked) {
      running.resume(true);
      return { outcome: 'resuming' };
    }
    if (running) {
      await this.registry.close(running, 'pairing_replaced');
    }
    const session = await this.registry.open(instance);
    if ('heldBy' in session) {
      return session;
    }
    if (session.isLinked) {
      session.resume(true);
      return { outcome: 'resuming' };
    }
    const attempt = session.pair(request);
    return request.method === 'qr' ? { outcome: 'qr' } : attempt;
  }

  /** A device can be removed on line only. */
  private async reopen(instance: Instance): Promise<Session | HeldElsewhere | undefined> {
    if (!instance.hasSession || this.isStopping) {
      return undefined;
    }
    const session = await this.registry.open(instance).catch((error: unknown) => {
      if (error instanceof SessionUnreadableError) {
        return undefined;
      }
      throw error;
    });
    if (session && !isHeldElsewhere(session)) {
      session.resume(true);
    }
    return session;
  }

  private async logOut(session: Session): Promise<void> {
    const { settings, log } = this.context;
    if (!session.isLinked) {
      return;
    }
    const late = () => new Error('not on line');
    await withTimeout(session.firstOpen, settings.logoutMs, late).catch(() => undefined);
    const socket = session.openSocket;
    const isConfirmed = socket !== undefined && (await logoutDevice(socket, settings.logoutMs));
    log.info({ instanceId: session.instance.id, isConfirmed }, 'device logged out');
  }

  private assertOpen(): void {
    if (this.isStopping) {
      throw new InvalidStateError('shutting_down', 'The service is shutting down.');
    }
  }
}

/** Somebody will run it soon, whoever it is. */
function isToBeResumed(instance: Instance): boolean {
  const wasStopped =
    instance.status === 'disconnected' && !COMES_BACK.includes(instance.lastDisconnectReason ?? '');
  return instance.hasSession && instance.desiredState === 'running' && !wasStopped;
}
