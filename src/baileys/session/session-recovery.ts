import type { Logger } from 'pino';
import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import type { Instance } from '../../repositories/instance.js';
import { FencedError } from '../../repositories/fenced-error.js';
import { isLinked } from '../ownership/account-of.js';
import { isUnavailable } from '../storage/commit-fault.js';
import type { SessionPairing } from '../pairing/session-pairing.js';
import type { Occasion } from './occasion.js';
import type { SessionContext } from './session-context.js';
import type { SessionLine } from './session-line.js';
import type { SessionStatus } from './session-status.js';
import { isHeldElsewhere } from './session-loader.js';
import type { SessionEvent } from './session-transitions.js';
import type { OwnedSession } from '../storage/owned-session.js';
import { SessionUnreadableError } from '../sealing/session-unreadable-error.js';
import { StoreStuckError } from '../storage/store-stuck-error.js';

/** What a recovery does with its session. */
export interface RecoveringSession {
  readonly instance: Pick<Instance, 'id' | 'organizationId'>;
  readonly isOver: boolean;
  /** While a phone is being linked. */
  readonly pairing: SessionPairing | undefined;
  /** Something happened. */
  raise(event: SessionEvent, occasion: Partial<Occasion>): void;
  leave(msLeft: number, isUrgent: boolean): void;
}

/**
 * Whose a session is: notices when it is ours no more, finds out whether it still is, and takes it over anew where what is in
 * memory counts no more.
 */
export class SessionRecovery {
  constructor(
    private readonly session: RecoveringSession,
    private current: OwnedSession,
    private readonly parts: { line: SessionLine; status: SessionStatus },
    private readonly context: Pick<SessionContext, 'groupCommit' | 'loader' | 'watchdogs'>,
    private readonly log: Logger,
  ) {
    this.own(current);
  }

  /** What was taken over last. */
  get owned(): OwnedSession {
    return this.current;
  }

  /**
   * Takes the session over as soon as that is possible. Never rejects.
   * @param isTelling the failure before tells something about the account
   */
  async takeOver(isTelling: boolean): Promise<void> {
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
        session.raise('taken_over', {});
      } else if (!owned || !isLinked(owned.creds)) {
        session.raise('unusable', { cause: 'not_linked' });
      } else {
        this.goOn(owned, isTelling);
      }
    } catch (err) {
      log.error({ err }, 'session can not be taken over');
      const cause = err instanceof SessionUnreadableError ? 'session_unreadable' : 'storage_refused';
      session.raise('unusable', { cause });
    }
  }

  /**
   * Asks by a write, which is refused when another process has raised the epoch. It also stores what WhatsApp has just
   * confirmed before we log in with it. Says nothing when the session was given up meanwhile: the part that noticed has done
   * what there is to do.
   */
  async checkOwnership(): Promise<void> {
    const { session, context, parts } = this;
    const { handle } = this.current;
    parts.line.saveCredentials(true);
    await context.groupCommit.durableFor(handle);
    if (!session.isOver && !handle.revoked) {
      session.raise('still_ours', {});
    }
  }

  private own(owned: OwnedSession): void {
    this.current = owned;
    this.parts.status.adopt(owned.handle, owned.phoneNumber);
    owned.handle.onRevoked((fault) => this.revoked(fault));
  }

  private goOn(owned: OwnedSession, isTelling: boolean): void {
    this.own(owned);
    if (owned.logoutMs === null) {
      this.session.raise('reacquired', { isTelling, cause: 'handed_over' });
    } else {
      this.session.raise('reacquired_leaving', { msLeft: owned.logoutMs });
      this.session.leave(owned.logoutMs, false);
    }
  }

  private revoked(fault: Error): void {
    const { session } = this;
    this.parts.line.cycle.stop(fault);
    if (session.pairing) {
      session.pairing.fail('storage_unavailable');
    } else if (!session.isOver) {
      const { event, cause } = this.judge(fault);
      session.raise(event, { cause });
    }
  }

  /** @returns what the loss of a handle means, and the reason to tell */
  private judge(fault: Error): { event: SessionEvent; cause: DisconnectReason } {
    const { log, context } = this;
    if (fault instanceof StoreStuckError) {
      context.watchdogs.tripped('store_stuck', log);
    }
    if (fault instanceof SessionUnreadableError) {
      log.error({ err: fault }, 'session can not be read');
      return { event: 'unusable', cause: 'session_unreadable' };
    }
    const isFenced = fault instanceof FencedError;
    if (isFenced && !context.loader.takeDoubt(this.current.handle.instanceId)) {
      return { event: 'taken_over', cause: 'handed_over' };
    }
    const isOutage = isFenced || isUnavailable(fault);
    return { event: 'storage_lost', cause: isOutage ? 'storage_unavailable' : 'storage_refused' };
  }
}
