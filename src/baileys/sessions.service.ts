import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { InvalidStateError } from '../common/app-error.js';
import type { Instance } from '../repositories/instance.js';
import type { HeldElsewhere } from '../repositories/session-batch.js';
import type { LiveStanding } from './instance-standing.js';
import { type ConnectResult, LocalSessions } from './local-sessions.js';
import { NodeKeeper } from './node-keeper.js';
import type { PairingRequest } from './pairing-attempt.js';
import type { OutgoingText } from './outbound-request.js';
import type { SentText } from './sender.js';
import type { Session } from './session.js';
import { SessionContext } from './session-context.js';
import { isHeldElsewhere } from './session-loader.js';
import { SessionRegistry } from './session-registry.js';
import { SessionShutdown } from './session-shutdown.js';
import type { StorageFault } from './storage-health.js';
import type { WatchdogKind } from './watchdogs.js';

export type { ConnectResult } from './local-sessions.js';

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

/** The WhatsApp sessions: the one way into this room. */
@Injectable()
export class SessionsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private shutdown: Promise<void> | undefined;

  constructor(
    private readonly registry: SessionRegistry,
    private readonly keeper: NodeKeeper,
    private readonly local: LocalSessions,
    private readonly closing: SessionShutdown,
    private readonly context: SessionContext,
  ) {}

  /** Stored sessions come back in the background. */
  onApplicationBootstrap(): void {
    this.keeper.start();
  }

  /**
   * Hands sessions over to other nodes where there are some, commits what was received, lets what is held leave, and
   * closes all lines without logging out.
   */
  onApplicationShutdown(): Promise<void> {
    this.local.stop();
    this.shutdown ??= this.closing.run();
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
    return here(await this.local.connect(instance, request));
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
    return here(await this.local.sendText(instance, text));
  }

  /**
   * Removes the device from the account where WhatsApp can be reached, and forgets the session in any case.
   * @param options.deleted also marks the instance as deleted
   */
  async logoutAndWipe(instance: Instance, options: { deleted: boolean }): Promise<void> {
    here((await this.local.logoutAndWipe(instance, options)) ?? {});
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
}

/** @throws InvalidStateError `held_elsewhere` */
function here<T extends object>(result: T | HeldElsewhere): T {
  if (isHeldElsewhere(result)) {
    throw new InvalidStateError('held_elsewhere', 'Another process runs this instance; try again.');
  }
  return result;
}
