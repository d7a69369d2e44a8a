import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { InvalidStateError } from '../common/app-error.js';
import type { Instance } from '../repositories/instance.js';
import { logoutDevice } from './device-logout.js';
import type { PairingAttempt, PairingRequest } from './pairing-attempt.js';
import type { OutgoingText } from './outbound-request.js';
import { Sender, type SentText } from './sender.js';
import type { Session } from './session.js';
import { SessionContext } from './session-context.js';
import { SessionUnreadableError } from './session-unreadable-error.js';
import { SessionRegistry } from './session-registry.js';
import { SessionResumer } from './session-resumer.js';
import type { LiveStanding } from './instance-standing.js';
import type { StorageFault } from './storage-health.js';
import type { WatchdogKind } from './watchdogs.js';
import { withTimeout } from './with-timeout.js';

/** What a connect call led to. */
export type ConnectResult =
  | { outcome: 'pairing_code'; pairingCode: string; expiresAt: Date }
  | { outcome: 'qr' }
  | { outcome: 'resuming' }
  | { outcome: 'already_connected' };

/** For the health page. */
export interface SessionsSummary {
  running: number;
  connected: number;
  byStatus: Record<Session['phase'], number>;
  /** `fault`: why the database takes no writes; absent while it does. */
  commitLog: { pendingRows: number; degraded: boolean; fault?: StorageFault };
  /** How often each watchdog tripped since the start. */
  watchdogs: Record<WatchdogKind, number>;
  /** Bytes of session keys kept in memory. */
  cachedKeyBytes: number;
}

/** The WhatsApp sessions of this process: the one way into this room. */
@Injectable()
export class SessionsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private isStopping = false;
  private shutdown: Promise<void> | undefined;

  constructor(
    private readonly registry: SessionRegistry,
    private readonly resumer: SessionResumer,
    private readonly sender: Sender,
    private readonly context: SessionContext,
  ) {}

  /** Stored sessions come back in the background. */
  onApplicationBootstrap(): void {
    this.resumer.start();
  }

  /** Commits what was received, lets what is held leave, and closes all lines without logging out. */
  onApplicationShutdown(): Promise<void> {
    this.shutdown ??= this.closeAll();
    return this.shutdown;
  }

  /**
   * Links an instance or brings it back on line. A pairing that is under way is void: its code stops working.
   *
   * @throws UpstreamError `pairing_rejected`, `whatsapp_unavailable`, `pairing_failed`
   * @throws InvalidStateError `pairing_replaced` when another call took the place of this one, `shutting_down`
   * @throws NotFoundError `instance_not_found`
   */
  async connect(instance: Instance, request: PairingRequest): Promise<ConnectResult> {
    const begun = await this.registry.exclusively(instance.id, () => this.begin(instance, request));
    if ('outcome' in begun) {
      return begun;
    }
    const { pairingCode, expiresAt } = await begun.code;
    return { outcome: 'pairing_code', pairingCode, expiresAt };
  }

  /** @returns the QR to show now, while the instance waits for a scan */
  currentQr(instanceId: string): { qr: string; issuedAt: Date } | null {
    return this.registry.get(instanceId)?.currentQr ?? null;
  }

  /** @returns whether this process runs the instance's session, on line or not */
  isRunning(instanceId: string): boolean {
    return this.registry.get(instanceId) !== undefined;
  }

  /**
   * @returns how an instance stands that this process runs: true also while the database can't be told. Null when this
   *   process does not run it
   */
  standingOf(instanceId: string): LiveStanding | null {
    return this.registry.get(instanceId)?.live ?? null;
  }

  /**
   * @throws InvalidStateError `instance_not_connected`, `send_queue_full`, `idempotency_key_reused`, `shutting_down`
   * @throws InvalidInputError `recipient_not_on_whatsapp`
   * @throws UpstreamError `send_failed`
   */
  async sendText(instance: Instance, text: OutgoingText): Promise<SentText> {
    if (this.isStopping) {
      throw new InvalidStateError('shutting_down', 'The service is shutting down.');
    }
    const session = this.registry.get(instance.id);
    return this.sender.sendText(instance, text, session ? session.isLinked : isToBeResumed(instance));
  }

  /**
   * Removes the device from the account where WhatsApp can be reached, and forgets the session in any case.
   * @param options.deleted also marks the instance as deleted
   */
  async logoutAndWipe(instance: Instance, options: { deleted: boolean }): Promise<void> {
    await this.registry.exclusively(instance.id, async () => {
      const session = this.registry.get(instance.id) ?? (await this.reopen(instance));
      if (session) {
        await this.logOut(session);
        await this.registry.close(session, 'logged_out');
      }
      await this.registry.wipe(instance.id, { epoch: null, deleted: options.deleted });
    });
  }

  summary(): SessionsSummary {
    const sessions = this.registry.all();
    const byStatus = { connected: 0, pairing: 0, waiting: 0, connecting: 0 };
    for (const { phase } of sessions) {
      byStatus[phase] += 1;
    }
    const { pendingRows, isDegraded, storage } = this.context.commitLog;
    return {
      running: sessions.length,
      connected: byStatus.connected,
      byStatus,
      commitLog: { pendingRows, degraded: isDegraded, ...(storage.fault && { fault: storage.fault }) },
      watchdogs: this.context.watchdogs.read(),
      cachedKeyBytes: this.context.loader.cachedBytes,
    };
  }

  private async begin(instance: Instance, request: PairingRequest): Promise<ConnectResult | PairingAttempt> {
    if (this.isStopping) {
      throw new InvalidStateError('shutting_down', 'The service is shutting down.');
    }
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
    if (session.isLinked) {
      session.resume(true);
      return { outcome: 'resuming' };
    }
    const attempt = session.pair(request);
    return request.method === 'qr' ? { outcome: 'qr' } : attempt;
  }

  /** A device can be removed on line only. */
  private async reopen(instance: Instance): Promise<Session | undefined> {
    if (!instance.hasSession || this.isStopping) {
      return undefined;
    }
    const session = await this.registry.open(instance).catch((error: unknown) => {
      if (error instanceof SessionUnreadableError) {
        return undefined;
      }
      throw error;
    });
    session?.resume(true);
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

  private async closeAll(): Promise<void> {
    this.isStopping = true;
    this.resumer.stop();
    const { commitLog, receipts, statuses, settings } = this.context;
    const bound = delay(settings.shutdownMs, undefined, { ref: false });
    await this.context.outbound.close();
    // What was received is acknowledged before the lines close.
    await Promise.race([commitLog.flush(), delay(settings.shutdownMs / 3, undefined, { ref: false })]);
    const closing = this.registry
      .all()
      .map((session) =>
        this.registry.exclusively(session.instance.id, () => this.registry.close(session, 'service_stopped')),
      );
    await Promise.race([Promise.allSettled(closing), bound]);
    statuses.close();
    const rest = Promise.all([
      commitLog.flush(),
      receipts.close(),
      statuses.settled(),
      this.registry.settled(),
    ]);
    await Promise.race([rest, bound]);
  }
}

/** Stored sessions come back one after the other after a start; until then nobody here runs them. */
function isToBeResumed(instance: Instance): boolean {
  const wasStopped =
    instance.status === 'disconnected' && instance.lastDisconnectReason !== 'service_stopped';
  return instance.hasSession && instance.desiredState === 'running' && !wasStopped;
}
