import type { Logger } from 'pino';
import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import type { Instance } from '../../repositories/instance.js';
import { FencedError } from '../../repositories/fenced-error.js';
import { isLinked } from '../ownership/account-of.js';
import { isUnavailable } from '../storage/commit-fault.js';
import type { ConnectionCycle } from '../connection/connection-cycle.js';
import type { DisconnectCause, DisconnectDecision } from '../connection/disconnect-policy.js';
import type { SessionStatus } from './session-status.js';
import type { SessionContext } from './session-context.js';
import { isHeldElsewhere } from './session-loader.js';
import type { OwnedSession } from '../storage/owned-session.js';
import { SessionUnreadableError } from '../sealing/session-unreadable-error.js';
import { StoreStuckError } from '../storage/store-stuck-error.js';

/** Causes between us and WhatsApp: however often they come, the account is not at fault. */
const OF_THE_WAY: ReadonlySet<DisconnectCause> = new Set<DisconnectCause>([
  'network',
  'upgrade_refused',
  'server_not_trusted',
]);

/** What a recovery does with its session. */
export interface RecoveringSession {
  readonly instance: Pick<Instance, 'id' | 'organizationId'>;
  readonly owned: OwnedSession;
  readonly isOver: boolean;
  /** Goes on with what was taken over anew. */
  adopt(owned: OwnedSession): void;
  /** Stores the credentials, changed or not: whoever lost the session hears of it. */
  rewriteCredentials(): void;
  /** Ends for good, with a reason that is stored. */
  finish(cause: DisconnectReason, wipe: boolean): void;
  /** Ends because somebody else runs it now: nothing may be stored any more. */
  giveWay(): void;
}

/** Brings a linked session back after its connection or its ownership was lost, or ends it where that is right. */
export class SessionRecovery {
  private lastReplacedAt = -Infinity;
  private hasWaitedForBan = false;

  constructor(
    private readonly session: RecoveringSession,
    private readonly cycle: ConnectionCycle,
    private readonly status: SessionStatus,
    private readonly context: Pick<SessionContext, 'groupCommit' | 'loader' | 'settings' | 'watchdogs'>,
    private readonly log: Logger,
  ) {}

  /** The session is on line. */
  opened(): void {
    this.hasWaitedForBan = false;
  }

  /** A connection of the linked session ended. */
  lost({ action, cause, pauseMs = 0 }: DisconnectDecision): void {
    switch (action) {
      case 'restart':
        void this.restart();
        break;
      case 'retry':
        void this.status.lost(cause, false);
        if (cause === 'server_not_trusted') {
          this.status.struggling(cause);
        }
        this.retry(!OF_THE_WAY.has(cause));
        break;
      case 'contest':
        void this.contest(cause);
        break;
      case 'pause':
        this.pause(cause, pauseMs);
        break;
      case 'stop':
      case 'wipe':
        this.session.finish(cause, action === 'wipe');
        break;
    }
  }

  /** A connection ended of a session whose device is to be taken off the account: nothing keeps it from trying again. */
  lostLeaving({ action, cause, pauseMs }: DisconnectDecision): void {
    void this.status.lost(cause, false);
    if (action === 'restart') {
      void this.restart();
    } else if (pauseMs !== undefined) {
      const { maxMs, jitterMs } = this.context.settings.ban;
      this.cycle.dialIn(Math.min(pauseMs, maxMs) + Math.random() * jitterMs);
    } else {
      this.cycle.dialLater(!OF_THE_WAY.has(cause));
    }
  }

  /** The handle was given up: nothing in memory counts any more. */
  async revoked(fault: Error): Promise<void> {
    const { session, log, context } = this;
    const { instanceId } = session.owned.handle;
    if (fault instanceof StoreStuckError) {
      context.watchdogs.tripped('store_stuck', log);
    }
    if (fault instanceof SessionUnreadableError) {
      log.error({ err: fault }, 'session can not be read');
      session.finish('session_unreadable', false);
      return;
    }
    const isFenced = fault instanceof FencedError;
    if (isFenced && !context.loader.takeDoubt(instanceId)) {
      this.giveWay();
      return;
    }
    const isOutage = isFenced || isUnavailable(fault);
    void this.status.lost(isOutage ? 'storage_unavailable' : 'storage_refused', false);
    await this.takeOverAgain(isOutage);
  }

  private async takeOverAgain(isOutage: boolean): Promise<void> {
    const { session, log, context } = this;
    try {
      const owned = await context.loader.acquireWhenPossible(
        session.instance,
        () => session.isOver,
        (err) => log.error({ err }, 'session can not be taken over: it is tried again'),
      );
      if (session.isOver) {
        return;
      }
      if (isHeldElsewhere(owned)) {
        this.giveWay();
        return;
      }
      if (!owned || !isLinked(owned.creds)) {
        session.finish('not_linked', false);
        return;
      }
      session.adopt(owned);
      if (!session.isOver) {
        this.retry(!isOutage);
      }
    } catch (err) {
      log.error({ err }, 'session can not be taken over');
      session.finish(err instanceof SessionUnreadableError ? 'session_unreadable' : 'storage_refused', false);
    }
  }

  private giveWay(): void {
    this.log.warn('session was taken over by another process');
    this.session.giveWay();
  }

  private retry(isTelling: boolean): void {
    this.cycle.dialLater(isTelling);
    if (this.cycle.isTripped) {
      this.status.struggling('too_many_failures');
    }
  }

  /** What WhatsApp confirmed must be stored before we log in with it. */
  private async restart(): Promise<void> {
    if (await this.isStillOurs()) {
      this.cycle.redial();
    }
  }

  /**
   * Another client logged in with our credentials. A process that took the session over has raised the epoch, so that a
   * write of ours is refused: then it may keep it. Otherwise it was a copy, or our own old line: once more, not for ever.
   */
  private async contest(cause: DisconnectCause): Promise<void> {
    const { retryMs, windowMs } = this.context.settings.replaced;
    const isRepeated = Date.now() - this.lastReplacedAt < windowMs;
    this.lastReplacedAt = Date.now();
    if (isRepeated) {
      this.session.finish(cause, false);
      return;
    }
    void this.status.lost(cause, false);
    if (await this.isStillOurs()) {
      this.cycle.dialIn(retryMs * (0.5 + Math.random()));
    }
  }

  /** A ban that WhatsApp limits in time: one attempt when it is over. */
  private pause(cause: DisconnectCause, pauseMs: number): void {
    const { maxMs, jitterMs } = this.context.settings.ban;
    if (this.hasWaitedForBan || pauseMs > maxMs) {
      this.session.finish(cause, false);
      return;
    }
    this.hasWaitedForBan = true;
    this.log.warn({ durationMs: pauseMs }, 'temporarily banned: one attempt when it is over');
    void this.status.lost(cause, true);
    this.cycle.dialIn(pauseMs + Math.random() * jitterMs);
  }

  /** @returns false when the session was given up meanwhile; whoever noticed has done what there is to do */
  private async isStillOurs(): Promise<boolean> {
    const { handle } = this.session.owned;
    this.session.rewriteCredentials();
    await this.context.groupCommit.durableFor(handle);
    return !this.session.isOver && !handle.revoked;
  }
}
