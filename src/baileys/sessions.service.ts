import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { OperationEntry } from '../repositories/audit.repository.js';
import type { Instance } from '../repositories/instance.js';
import { LeasesRepository } from '../repositories/leases.repository.js';
import { LogoutsRepository } from '../repositories/logouts.repository.js';
import type { LiveStatus } from './session/session-status.js';
import { type ConnectResult, LocalSessions } from './cluster/local-sessions.js';
import { NodeHeartbeat } from './cluster/node-heartbeat.js';
import type { PairingRequest } from './pairing/pairing-attempt.js';
import type { ChatAnswer, ChatRequest } from './outbound/chat-request.js';
import type { OutgoingText } from './outbound/send-request.js';
import { type CurrentQr, PairingQrStore } from './pairing/pairing-qr-store.js';
import type { SentText } from './outbound/message-sender.js';
import type { Session } from './session/session.js';
import { LATE, SessionCalls } from './cluster/session-calls.js';
import { SessionContext } from './session/session-context.js';
import { SessionRegistry } from './session/session-registry.js';
import { SessionShutdown } from './cluster/session-shutdown.js';
import type { StorageFault } from './storage/storage-health.js';
import type { WatchdogKind } from './connection/watchdogs.js';

export type { ConnectResult } from './cluster/local-sessions.js';

/** For the health page. */
export interface SessionsSummary {
  running: number;
  connected: number;
  byStatus: Record<Session['phase'], number>;
  /** Of accounts that WhatsApp limits. */
  restricted: number;
  /** `fault`: why the database takes no writes; absent while it does. */
  groupCommit: { pendingRows: number; degraded: boolean; fault?: StorageFault };
  /** How often each watchdog tripped since the start. */
  watchdogs: Record<WatchdogKind, number>;
  /** Bytes of session keys kept in memory. */
  cachedKeyBytes: number;
}

/** The WhatsApp sessions: the one way into this room. */
@Injectable()
export class SessionsService
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private shutdown: Promise<void> | undefined;

  constructor(
    private readonly registry: SessionRegistry,
    private readonly heartbeat: NodeHeartbeat,
    private readonly local: LocalSessions,
    private readonly calls: SessionCalls,
    private readonly qrStore: PairingQrStore,
    private readonly leases: LeasesRepository,
    private readonly logouts: LogoutsRepository,
    private readonly closing: SessionShutdown,
    private readonly context: SessionContext,
  ) {}

  /** Stored sessions come back in the background. */
  onApplicationBootstrap(): void {
    this.heartbeat.start();
  }

  /** Before the HTTP server closes, since that waits for every call that waits here. */
  beforeApplicationShutdown(): Promise<void> {
    this.local.stop();
    return this.closing.begin();
  }

  /**
   * Hands sessions over to other nodes where there are some, commits what was received, lets what is held leave, and
   * closes all lines without logging out.
   */
  onApplicationShutdown(): Promise<void> {
    this.shutdown ??= this.beforeApplicationShutdown().then(() => this.closing.run());
    return this.shutdown;
  }

  /**
   * Links an instance or brings it back on line, wherever it is run. A pairing that is under way is void: its code stops
   * working.
   *
   * @returns `pending`: the node that runs it did not answer in time
   * @throws AppError `pairing_rejected`, `whatsapp_unavailable`, `pairing_failed`
   * @throws AppError `pairing_replaced` when another call took the place of this one, `shutting_down`
   * @throws AppError `instance_not_found`
   */
  async connect(
    instance: Instance,
    request: PairingRequest,
  ): Promise<ConnectResult | { outcome: 'pending' }> {
    const result = await this.calls.connect(instance, request);
    return result === LATE ? { outcome: 'pending' } : result;
  }

  /** @returns the QR to show now, while the instance waits for a scan, on whichever node */
  async currentQr(instanceId: string): Promise<CurrentQr | null> {
    const session = this.registry.get(instanceId);
    return session ? session.currentQr : this.qrStore.find(instanceId);
  }

  /** @returns whether this process runs the instance's session, on line or not */
  isRunning(instanceId: string): boolean {
    return this.registry.get(instanceId) !== undefined;
  }

  /** @returns whether any process runs it, as far as leases tell */
  async isRunningSomewhere(instanceId: string): Promise<boolean> {
    return this.isRunning(instanceId) || (await this.leases.holderOf(instanceId)) !== null;
  }

  /**
   * @returns how an instance stands that this process runs: true also while the database can't be told. Null when this
   *   process does not run it
   */
  currentPrincipals(instanceId: string): LiveStatus | null {
    return this.registry.get(instanceId)?.live ?? null;
  }

  /**
   * Sends through whichever node runs the instance.
   * @param operation the entry of the audit log about the call; a caller that does not know of it afterwards has to store it
   * @throws AppError `instance_not_connected`, `send_queue_full`, `too_many_requests`, `idempotency_key_reused`,
   *   `shutting_down`
   * @throws AppError `recipient_not_on_whatsapp`
   * @throws AppError a `SendFailureCode`; `instance_not_responding`: nothing was stored, and nothing will be
   */
  sendText(instance: Instance, text: OutgoingText, operation?: OperationEntry): Promise<SentText> {
    return this.calls.sendText(instance, text, operation);
  }

  /**
   * Does something about a chat or a number, through whichever node runs the instance, on a line that is open.
   * @throws AppError `instance_not_connected`, `instance_not_responding`, `too_many_requests`, `shutting_down`
   * @throws AppError `whatsapp_timeout`, `whatsapp_unavailable`, `too_many_watched`
   */
  act(instance: Instance, request: ChatRequest): Promise<ChatAnswer> {
    return this.calls.act(instance, request);
  }

  /**
   * Deletes an instance: from now on nothing can be done with it, and its device is taken off the account, at once or as soon
   * as there is a line, by whichever process. Waits a while for that; `LogoutsRepository.find` tells how far it is. Of one
   * that is deleted already it is tried now.
   */
  async logOut(instance: Instance): Promise<void> {
    const { config, log } = this.context;
    await this.logouts.begin(instance.id, config.logoutHours * 3_600);
    try {
      await this.calls.logOut(instance);
    } catch (err) {
      // It is stored, so somebody does it.
      log.warn({ err, instanceId: instance.id }, 'instance not logged out yet');
    }
  }

  /** What becomes of groups may have changed: counts here from now on, on another node with its next heartbeat. */
  keepGroups({ id, groupPolicy }: Pick<Instance, 'id' | 'groupPolicy'>): void {
    const session = this.registry.get(id);
    if (session) {
      session.handle.storesGroups = groupPolicy === 'store';
    }
  }

  summary(): SessionsSummary {
    const sessions = this.registry.all();
    const byStatus = { connected: 0, pairing: 0, waiting: 0, connecting: 0 };
    for (const { phase } of sessions) {
      byStatus[phase] += 1;
    }
    const { pendingRows, isDegraded, storage } = this.context.groupCommit;
    return {
      running: sessions.length,
      connected: byStatus.connected,
      byStatus,
      restricted: sessions.filter(({ isRestricted }) => isRestricted).length,
      groupCommit: { pendingRows, degraded: isDegraded, ...(storage.fault && { fault: storage.fault }) },
      watchdogs: this.context.watchdogs.read(),
      cachedKeyBytes: this.context.loader.cachedBytes,
    };
  }
}
