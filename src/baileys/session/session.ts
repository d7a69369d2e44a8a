import type { BaileysEventMap, BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import type { LogoutResult } from '../../common/logout.js';
import type { Instance } from '../../repositories/instance.js';
import { AddressLearner } from './address-learner.js';
import { isLinked } from '../ownership/account-of.js';
import { InstanceCaches } from '../connection/cache-store.js';
import { DeviceRemoval, type LeavingSession } from '../connection/device-removal.js';
import { ConnectionCycle, type CycleListener } from '../connection/connection-cycle.js';
import { type DisconnectDecision, pairingEndOf } from '../connection/disconnect-policy.js';
import { SessionStatus, type LiveStatus } from './session-status.js';
import type { PairingAttempt, PairingRequest } from '../pairing/pairing-attempt.js';
import { mayHaveAgain } from '../outbound/resend-permission.js';
import type { SessionContext } from './session-context.js';
import { type Fate, LineFate } from './line-fate.js';
import { connectSession } from '../connection/session-connection.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import type { OwnedSession } from '../storage/owned-session.js';
import type { CurrentQr } from '../pairing/pairing-qr-store.js';
import { SessionPairing } from '../pairing/session-pairing.js';
import { SessionRecorder } from './session-recorder.js';
import { type RecoveringSession, SessionRecovery } from './session-recovery.js';
import type { ConnectionListener, WaConnection } from '../connection/wa-connection.js';
import { withTimeout } from '../../common/with-timeout.js';

/** How a session ended by itself. */
export interface SessionEnd {
  /** Its credentials are worthless. */
  wipe: boolean;
  /** Settles when its last status is stored or given up. */
  told: Promise<void>;
  /** How taking the device off the account ended. */
  logout?: LogoutResult;
}

/**
 * One instance's session while this process runs it: passes what its connections say on to its pairing, its recovery and
 * its recorder. What is received goes through the group commit, never through here.
 */
export class Session implements CycleListener, RecoveringSession, LeavingSession {
  private readonly log: Logger;
  private readonly cycle: ConnectionCycle;
  private readonly status: SessionStatus;
  private readonly recovery: SessionRecovery;
  private readonly recorder: SessionRecorder;
  private readonly addresses: AddressLearner;
  private readonly caches = new InstanceCaches();
  private readonly fate = new LineFate();
  private cause: string | undefined;
  private banEndsAt: Date | undefined;
  private readonly cleared = Promise.withResolvers<void>();
  private removal: DeviceRemoval | undefined;
  private current: OwnedSession;
  private pairing: SessionPairing | undefined;
  private isFresh = false;
  private hasEnded = false;

  /** @param onEnd called once, when the session is over by itself */
  constructor(
    readonly instance: Pick<Instance, 'id' | 'organizationId'>,
    owned: OwnedSession,
    private readonly context: SessionContext,
    private readonly onEnd: (end: SessionEnd) => void,
  ) {
    this.log = context.log.child({ instanceId: instance.id });
    const gate = { acquire: this.awaitStart.bind(this) };
    this.cycle = new ConnectionCycle(context.settings, gate, this.log, this);
    this.status = new SessionStatus(instance.organizationId, owned.handle, context.statuses);
    this.recovery = new SessionRecovery(this, this.cycle, this.status, context, this.log);
    this.recorder = new SessionRecorder(context, this.log);
    this.addresses = new AddressLearner(instance, context, this.log);
    this.current = owned;
    this.adopt(owned);
  }

  get owned(): OwnedSession {
    return this.current;
  }

  get handle(): SessionHandle {
    return this.current.handle;
  }

  get isOver(): boolean {
    return this.hasEnded;
  }

  get isLinked(): boolean {
    return isLinked(this.current.creds);
  }

  /** The instance is deleted: its device is taken off the account, and nothing else is done with it. */
  get isLeaving(): boolean {
    return this.removal !== undefined;
  }

  /** Settles when the session has ended by itself and everything about that is stored, or given up. */
  get cleanedUp(): Promise<void> {
    return this.cleared.promise;
  }

  /** The socket, while the instance is linked and on line. */
  get openSocket(): WASocket | undefined {
    return this.hasEnded ? undefined : this.cycle.openSocket;
  }

  get currentQr(): CurrentQr | null {
    return this.pairing?.currentQr ?? null;
  }

  /** How it stands, whether the database knows already or not. */
  get live(): LiveStatus | undefined {
    return this.status.live;
  }

  /** For the health page. */
  get phase(): 'connected' | 'pairing' | 'waiting' | 'connecting' {
    if (this.openSocket) {
      return 'connected';
    }
    return this.pairing ? 'pairing' : this.cycle.isWaiting ? 'waiting' : 'connecting';
  }

  /** Until when WhatsApp wants to be left alone; it is dialled again by itself then. */
  get bannedUntil(): Date | undefined {
    return this.banEndsAt && this.banEndsAt.getTime() > Date.now() ? this.banEndsAt : undefined;
  }

  /** Why the line was lost last; undefined while it is there, or was not lost yet. */
  get lastCause(): string | undefined {
    return this.cause;
  }

  /** @returns what becomes of dialling; undefined when that can't be told in time */
  nextFate(timeoutMs: number): Promise<Fate | undefined> {
    return this.openSocket ? Promise.resolve({ outcome: 'open' }) : this.fate.next(timeoutMs);
  }

  /**
   * Brings a linked session on line; when it is waiting to retry, at once.
   * @param isUrgent a person is waiting for it
   */
  resume(isUrgent = false): void {
    if (!this.hasEnded && !this.handle.revoked) {
      this.status.connecting();
      this.cycle.dial(isUrgent);
    }
  }

  /** Links the session. To be called once, on a session that is not linked. */
  pair(request: PairingRequest): PairingAttempt {
    this.pairing = new SessionPairing(request, this.instance, this.handle, this.context, this.log, {
      onScannable: () => this.status.waitingForScan(),
      // Who was refused has told us keys of an account that is not to be linked.
      onFailed: (cause) => this.finish(cause, cause === 'wrong_phone'),
    });
    this.status.pairing(request.method);
    this.cycle.dial(true);
    return this.pairing.attempt;
  }

  /**
   * Takes the device off the account as soon as the line is up, now or later. The session ends with it. To be called on a
   * linked session; once more, it tries at once.
   * @param msLeft until it is given up, in ms
   * @param isUrgent a person is waiting for it
   */
  leave(msLeft: number, isUrgent: boolean): void {
    if (this.hasEnded) {
      return;
    }
    if (!this.removal) {
      this.removal = new DeviceRemoval(this, this.context.settings, this.log);
      this.status.leaving();
      void this.context.outbound.vacate(this.instance.id, 0);
      this.removal.begin(msLeft);
    }
    if (!this.openSocket && !this.handle.revoked && !this.bannedUntil) {
      this.cycle.dial(isUrgent);
    }
  }

  /** What is to be cleaned up is. Called by whoever does it. */
  wasCleanedUp(): void {
    this.cleared.resolve();
  }

  /** Ends the session; the device stays linked. Never rejects. */
  async close(cause: DisconnectReason): Promise<void> {
    if (this.hasEnded) {
      return;
    }
    const reason = this.pairing && cause === 'logged_out' ? 'pairing_cancelled' : cause;
    this.over(reason);
    await this.cycle.close();
    await this.context.groupCommit.durableFor(this.handle);
    const told = this.status.lost(reason, true);
    await withTimeout(told, this.context.settings.farewellMs);
  }

  private awaitStart(isUrgent: boolean, signal: AbortSignal): Promise<() => void> {
    const kind = this.pairing ? 'pairing' : isUrgent ? 'urgent' : 'returning';
    return this.context.limiter.acquire({ organizationId: this.instance.organizationId, kind }, signal);
  }

  // --- what the connections say

  makeConnection(listener: ConnectionListener, isCurrent: () => boolean): WaConnection {
    const isCodePairing = this.pairing?.isByCode ?? false;
    const parts = { owned: this.current, caches: this.caches, isCodePairing, log: this.log };
    return connectSession(this.context, parts, listener, isCurrent);
  }

  onQr(qr: string, socket: WASocket): void {
    if (this.pairing) {
      this.pairing.offered(qr, socket);
    } else {
      // WhatsApp takes our credentials for new ones, and nobody is there to scan.
      this.finish('not_linked', false);
    }
  }

  onLinked(): void {
    if (this.pairing?.confirmed(this.current.creds) === false) {
      return;
    }
    this.pairing = undefined;
    this.isFresh = true;
    this.status.linked();
    const { id: instanceId, organizationId } = this.instance;
    this.context.bus.emit('instance.linked', { organizationId, instanceId });
    this.log.info('instance linked');
  }

  onCredentials(): void {
    this.pairing?.credentialsChanged(this.current.creds);
    this.recorder.saveCredentials(this.current);
  }

  onOpen(): void {
    if (this.removal) {
      this.recovery.opened();
      this.removal.ask();
      return;
    }
    this.log.info('instance connected');
    this.status.connected(this.isFresh);
    this.isFresh = false;
    this.recovery.opened();
    this.cause = undefined;
    this.banEndsAt = undefined;
    this.fate.settle({ outcome: 'open' });
    const { openSocket } = this;
    if (openSocket) {
      this.context.outbound.connectionOpened(this.handle, openSocket);
    }
  }

  onUpdated(updates: BaileysEventMap['messages.update']): void {
    this.recorder.saveReceipts(this.current, updates);
  }

  onPaired(pair: BaileysEventMap['lid-mapping.update']): void {
    this.addresses.add(pair);
  }

  mayHaveAgain(receipt: BinaryNode): Promise<boolean> {
    return mayHaveAgain(this.context, this.current, receipt);
  }

  onLost(decision: DisconnectDecision): void {
    if (this.hasEnded) {
      return;
    }
    if (this.pairing) {
      this.pairingLost(this.pairing, decision);
    } else if (this.removal) {
      this.recorder.saveCredentials(this.current);
      if (!this.removal.lost(decision)) {
        this.recovery.lostLeaving(decision);
        this.tellOfBan(decision);
      }
    } else {
      this.recorder.saveCredentials(this.current);
      this.cause = decision.cause;
      this.recovery.lost(decision);
      this.tellOfBan(decision);
    }
  }

  private tellOfBan({ cause, pauseMs }: DisconnectDecision): void {
    if (pauseMs !== undefined && !this.hasEnded) {
      this.banEndsAt = new Date(Date.now() + pauseMs);
      this.fate.settle({ outcome: 'over', reason: cause, until: this.banEndsAt });
    }
  }

  private pairingLost(pairing: SessionPairing, { action, cause }: DisconnectDecision): void {
    const isPassing = action === 'retry' || action === 'restart';
    // Whoever waits for a code should hear of that one at once.
    if (isPassing && cause !== 'server_not_trusted' && pairing.canRetry()) {
      pairing.interrupted();
      this.status.struggling(cause);
      this.cycle.dialLater();
    } else {
      pairing.fail(pairingEndOf(cause));
    }
  }

  // --- what its recovery does with it

  adopt(owned: OwnedSession): void {
    this.current = owned;
    this.status.adopt(owned.handle, owned.phoneNumber);
    owned.handle.onRevoked((fault) => this.revoked(fault));
    if (owned.logoutMs === null && this.removal) {
      // Somebody else has finished it meanwhile, and the instance may be linked anew.
      this.finish('handed_over', false);
    } else if (owned.logoutMs !== null && isLinked(owned.creds)) {
      this.leave(owned.logoutMs, false);
    }
  }

  onRemoved(result: LogoutResult): void {
    this.over('logged_out');
    this.cycle.stop(new Error('the device was taken off the account'));
    this.log.info({ result }, 'device logged out');
    this.onEnd({ wipe: true, told: Promise.resolve(), logout: result });
  }

  rewriteCredentials(): void {
    this.recorder.saveCredentials(this.current, true);
  }

  finish(cause: DisconnectReason, wipe: boolean): void {
    if (this.hasEnded) {
      return;
    }
    this.over(cause);
    this.cycle.stop(new Error(cause));
    this.log.info({ cause }, 'session ended');
    this.onEnd({ wipe, told: this.status.lost(cause, true) });
    this.fate.settle({ outcome: 'over', reason: cause });
  }

  giveWay(): void {
    this.over('handed_over');
    // What is under way is the new owner's business.
    void this.context.outbound.vacate(this.instance.id, 0);
    this.onEnd({ wipe: false, told: Promise.resolve() });
  }

  private revoked(fault: Error): void {
    this.cycle.stop(fault);
    if (this.hasEnded) {
      return;
    }
    if (this.pairing) {
      this.pairing.fail('storage_unavailable');
    } else {
      void this.recovery.revoked(fault);
    }
  }

  private over(reason: DisconnectReason): void {
    this.hasEnded = true;
    this.pairing?.cancel(reason);
    this.removal?.stop();
    this.current.keys.dispose();
  }
}
