import type { WASocket } from '@whiskeysockets/baileys';
import { type DisconnectReason, lineEnd } from '../../common/disconnect-reasons.js';
import { withTimeout } from '../../common/with-timeout.js';
import type { Instance } from '../../repositories/instance.js';
import type { DisconnectDecision } from '../connection/disconnect-policy.js';
import { isLinked } from '../ownership/account-of.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import type { PairingAttempt, PairingRequest } from '../pairing/pairing-attempt.js';
import type { CurrentQr } from '../pairing/pairing-qr-store.js';
import { SessionPairing } from '../pairing/session-pairing.js';
import type { OwnedSession } from '../storage/owned-session.js';
import type { Fate } from './line-fate.js';
import { LossHistory } from './loss-history.js';
import { NOTHING_KNOWN, type Occasion } from './occasion.js';
import type { SessionContext } from './session-context.js';
import { type SessionEnd, SessionEffects, type SessionParts } from './session-effects.js';
import { SessionLine } from './session-line.js';
import { SessionRecovery } from './session-recovery.js';
import { isPairing, phaseOf, type SessionPhase, type SessionState } from './session-state.js';
import { SessionStatus, type LiveStatus } from './session-status.js';
import { next, type SessionEvent } from './session-transitions.js';

/**
 * One instance's session while this process runs it. What happens to it moves it through the table of `session-transitions.ts`;
 * what the table names is done by its effects.
 */
export class Session {
  private state: SessionState = 'owned';
  private readonly cleared = Promise.withResolvers<void>();
  private readonly parts: SessionParts;
  private readonly effects: SessionEffects;
  /** The linking, under way or over. */
  attempt: SessionPairing | undefined;

  /** @param onEnd called once, when the session is over by itself */
  constructor(
    readonly instance: Pick<Instance, 'id' | 'organizationId'>,
    owned: OwnedSession,
    context: SessionContext,
    onEnd: (end: SessionEnd) => void,
  ) {
    const log = context.log.child({ instanceId: instance.id });
    const line = new SessionLine(this, context, log);
    const status = new SessionStatus(instance.organizationId, owned.handle, context.statuses);
    const recovery = new SessionRecovery(this, owned, { line, status }, context, log);
    const losses = new LossHistory(context.settings);
    this.parts = { line, status, recovery, losses, context, log, onEnd };
    this.effects = new SessionEffects(this, this.parts);
    if (owned.logoutMs !== null && this.isLinked) {
      this.leave(owned.logoutMs, false);
    }
  }

  get owned(): OwnedSession {
    return this.parts.recovery.owned;
  }

  get handle(): SessionHandle {
    return this.owned.handle;
  }

  get isOver(): boolean {
    return this.state === 'ended';
  }

  get isLinked(): boolean {
    return isLinked(this.owned.creds);
  }

  /** The instance is deleted: its device is taken off the account, and nothing else is done with it. */
  get isLeaving(): boolean {
    return this.effects.hasRemoval;
  }

  /** Settles when the session has ended by itself and everything about that is stored, or given up. */
  get cleanedUp(): Promise<void> {
    return this.cleared.promise;
  }

  /** The socket, while the instance is linked and on line. */
  get openSocket(): WASocket | undefined {
    return this.isOver ? undefined : this.parts.line.cycle.openSocket;
  }

  /** While a phone is being linked. */
  get pairing(): SessionPairing | undefined {
    return isPairing(this.state) ? this.attempt : undefined;
  }

  get currentQr(): CurrentQr | null {
    return this.pairing?.currentQr ?? null;
  }

  /** How it stands, whether the database knows already or not. */
  get live(): LiveStatus | undefined {
    return this.parts.status.live;
  }

  /** For the health page. */
  get phase(): SessionPhase {
    return phaseOf(this.state);
  }

  /** WhatsApp limits the account. */
  get isRestricted(): boolean {
    return this.parts.line.restrictions.isRestricted;
  }

  /** Until when WhatsApp wants to be left alone; it is dialled again by itself then. */
  get bannedUntil(): Date | undefined {
    return this.parts.losses.bannedUntil;
  }

  /** Why the line was lost last; undefined while it is there, or was not lost yet. */
  get lastCause(): DisconnectReason | undefined {
    return this.parts.losses.lastCause;
  }

  /** @returns what becomes of dialling; undefined when that can't be told in time */
  nextFate(timeoutMs: number): Promise<Fate | undefined> {
    return this.openSocket ? Promise.resolve({ outcome: 'open' }) : this.effects.fate.next(timeoutMs);
  }

  /**
   * Brings a linked session on line; when it is waiting to retry, at once.
   * @param isUrgent a person is waiting for it
   */
  resume(isUrgent = false): void {
    this.raise('dial', { isUrgent });
  }

  /** Links the session. To be called once, on a session that is not linked. */
  pair(request: PairingRequest): PairingAttempt {
    const { context, log } = this.parts;
    const linking = new SessionPairing(request, this.instance, this.handle, context, log, {
      onScannable: () => this.raise('scannable'),
      // Who was refused has told us keys of an account that is not to be linked.
      onFailed: (cause) => this.raise(cause === 'wrong_phone' ? cause : 'pairing_failed', { cause }),
    });
    this.attempt = linking;
    this.raise('pair', { method: request.method, isUrgent: true });
    if (!this.pairing) {
      // Its ownership was lost in this very moment.
      linking.cancel('storage_unavailable');
    }
    return linking.attempt;
  }

  /**
   * Takes the device off the account as soon as the line is up, now or later. The session ends with it. To be called on a
   * linked session; once more, it tries at once.
   * @param msLeft until it is given up, in ms
   * @param isUrgent a person is waiting for it
   */
  leave(msLeft: number, isUrgent: boolean): void {
    this.raise('leave', { msLeft });
    if (!this.bannedUntil) {
      this.raise('dial', { isUrgent });
    }
  }

  /** What is to be cleaned up is. Called by the part that does it. */
  wasCleanedUp(): void {
    this.cleared.resolve();
  }

  /** Ends the session; the device stays linked. Never rejects. */
  async close(reason: DisconnectReason): Promise<void> {
    if (this.isOver) {
      return;
    }
    const { line, status, context } = this.parts;
    const from = this.state;
    const cause = this.pairing && reason === 'logged_out' ? 'pairing_cancelled' : reason;
    this.raise('close', { cause });
    await line.cycle.close();
    await context.groupCommit.durableFor(this.handle);
    const told = status.lost(cause, from, this.state);
    await withTimeout(told, context.settings.farewellMs);
  }

  /** Something happened: what the table says follows at once. What it does not name changes nothing. */
  raise(event: SessionEvent, occasion: Partial<Occasion> = {}): void {
    const from = this.state;
    const found = next(from, event);
    if (!found) {
      return;
    }
    const { to, effects } = found;
    this.state = to;
    for (const effect of effects) {
      // One of them may have led on already.
      if (this.state === to) {
        this.effects[effect]({ ...NOTHING_KNOWN, ...occasion, from, to });
      }
    }
  }

  /** A connection of the linked session ended. */
  lost(decision: DisconnectDecision): void {
    const { cause, pauseMs = 0 } = decision;
    const isTelling = lineEnd(cause).isOfTheWay !== true;
    this.raise(this.parts.losses.judge(decision), { cause, pauseMs, isTelling });
  }
}
