import type { Logger } from 'pino';
import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import type { LogoutResult } from '../../common/logout.js';
import type { Instance } from '../../repositories/instance.js';
import { DeviceRemoval } from '../connection/device-removal.js';
import type { SessionPairing } from '../pairing/session-pairing.js';
import type { OwnedSession } from '../storage/owned-session.js';
import { LineFate } from './line-fate.js';
import type { LossHistory } from './loss-history.js';
import type { Occasion } from './occasion.js';
import type { SessionContext } from './session-context.js';
import type { SessionLine } from './session-line.js';
import type { SessionRecovery } from './session-recovery.js';
import type { SessionState } from './session-state.js';
import type { SessionStatus } from './session-status.js';
import type { SessionEffect, SessionEvent } from './session-transitions.js';

/** How a session ended by itself. */
export interface SessionEnd {
  /** Its credentials are worthless. */
  wipe: boolean;
  /** Settles when its last status is stored or given up. */
  told: Promise<void>;
  /** How taking the device off the account ended. */
  logout?: LogoutResult;
}

/** Something that happened, and between which states. */
export interface Step extends Occasion {
  from: SessionState;
  to: SessionState;
}

/** What the effects work on. */
export interface SessionParts {
  readonly line: SessionLine;
  readonly status: SessionStatus;
  readonly recovery: SessionRecovery;
  readonly losses: LossHistory;
  readonly context: SessionContext;
  readonly log: Logger;
  /** Called once, when the session is over by itself. */
  readonly onEnd: (end: SessionEnd) => void;
}

/** The session, as its effects see it. */
export interface EffectOwner {
  readonly instance: Pick<Instance, 'id' | 'organizationId'>;
  readonly owned: OwnedSession;
  readonly attempt: SessionPairing | undefined;
  raise(event: SessionEvent, occasion: Partial<Occasion>): void;
}

/** Does what the table of transitions names, each by its name. */
export class SessionEffects implements Record<SessionEffect, (step: Step) => void> {
  readonly fate = new LineFate();
  private removal: DeviceRemoval | undefined;

  constructor(
    private readonly session: EffectOwner,
    private readonly parts: SessionParts,
  ) {}

  /** The device is to be taken off the account, or was. */
  get hasRemoval(): boolean {
    return this.removal !== undefined;
  }

  // --- dialling

  dial({ isUrgent }: Step): void {
    this.parts.line.cycle.dial(isUrgent);
  }

  dialLater({ isTelling }: Step): void {
    this.parts.line.cycle.dialLater(isTelling);
  }

  dialAfterContest(): void {
    this.parts.line.cycle.dialIn(this.parts.context.settings.replaced.retryMs * (0.5 + Math.random()));
  }

  dialAfterBan({ pauseMs }: Step): void {
    const { maxMs, jitterMs } = this.parts.context.settings.ban;
    this.parts.line.cycle.dialIn(Math.min(pauseMs, maxMs) + Math.random() * jitterMs);
  }

  redial(): void {
    this.parts.line.cycle.redial();
  }

  // --- what is stored

  saveCredentials(): void {
    this.parts.line.saveCredentials();
  }

  checkOwnership(): void {
    void this.parts.recovery.checkOwnership();
  }

  takeOver({ cause }: Step): void {
    void this.parts.recovery.takeOver(cause !== 'storage_unavailable');
  }

  // --- what is told

  tellConnecting(): void {
    this.parts.status.connecting();
  }

  tellPairing({ method }: Step): void {
    this.parts.status.pairing(method);
  }

  tellScannable(): void {
    this.parts.status.waitingForScan();
  }

  tellLinked(): void {
    this.parts.status.linked();
    const { id: instanceId, organizationId } = this.session.instance;
    this.parts.context.bus.emit('instance.linked', { organizationId, instanceId });
    this.parts.log.info('instance linked');
  }

  tellConnected(): void {
    this.parts.log.info('instance connected');
    this.parts.status.connected();
  }

  tellLost({ cause, from, to }: Step): void {
    void this.parts.status.lost(cause, from, to);
    if (cause === 'server_not_trusted') {
      this.parts.status.struggling(cause);
    }
  }

  tellBanned({ cause, pauseMs, from, to }: Step): void {
    this.parts.log.warn({ durationMs: pauseMs }, 'temporarily banned: one attempt when it is over');
    void this.parts.status.lost(cause, from, to);
  }

  tellStruggling({ cause }: Step): void {
    this.parts.status.struggling(cause);
  }

  tellTripped(): void {
    if (this.parts.line.cycle.isTripped) {
      this.parts.status.struggling('too_many_failures');
    }
  }

  // --- what is kept and let through

  interruptPairing(): void {
    this.session.attempt?.interrupted();
  }

  noteBan({ cause, pauseMs }: Step): void {
    const until = this.parts.losses.banned(pauseMs);
    this.fate.settle({ outcome: 'over', reason: cause, until });
  }

  forgetLosses(): void {
    this.parts.losses.opened();
  }

  admitSends(): void {
    this.fate.settle({ outcome: 'open' });
    const { openSocket } = this.parts.line.cycle;
    if (openSocket) {
      this.parts.context.outbound.connectionOpened(this.session.owned.handle, openSocket);
    }
  }

  beginRemoval({ msLeft }: Step): void {
    const { line, context, log } = this.parts;
    const leaving = {
      get openSocket() {
        return line.cycle.openSocket;
      },
      onRemoved: (logout: LogoutResult) => this.session.raise('removed', { logout }),
    };
    this.removal = new DeviceRemoval(leaving, context.settings, log);
    void context.outbound.vacate(this.session.instance.id, 0);
    this.removal.begin(msLeft);
  }

  askRemoval(): void {
    this.removal?.ask();
  }

  // --- the end

  endKept({ cause, from, to }: Step): void {
    this.finish(cause, { wipe: false, told: this.parts.status.lost(cause, from, to) });
  }

  endWiped({ cause, from, to }: Step): void {
    this.finish(cause, { wipe: true, told: this.parts.status.lost(cause, from, to) });
  }

  endRemoved({ logout }: Step): void {
    this.release('logged_out');
    this.parts.line.cycle.stop(new Error('the device was taken off the account'));
    this.parts.log.info({ result: logout }, 'device logged out');
    this.parts.onEnd({ wipe: true, told: Promise.resolve(), logout });
  }

  endUnlinked(step: Step): void {
    // WhatsApp ends the line of a device that it has just removed, maybe before its answer was read.
    this.endRemoved({ ...step, logout: this.removal?.isAsking ? 'confirmed' : 'already_unlinked' });
  }

  endBanned(step: Step): void {
    this.endRemoved({ ...step, logout: 'banned' });
  }

  endClosed({ cause }: Step): void {
    this.release(cause);
  }

  giveWay(): void {
    this.parts.log.warn('session was taken over by another process');
    this.release('handed_over');
    // What is under way is the new owner's business.
    void this.parts.context.outbound.vacate(this.session.instance.id, 0);
    this.parts.onEnd({ wipe: false, told: Promise.resolve() });
  }

  private finish(cause: DisconnectReason, end: SessionEnd): void {
    this.release(cause);
    this.parts.line.cycle.stop(new Error(cause));
    this.parts.log.info({ cause }, 'session ended');
    this.parts.onEnd(end);
    this.fate.settle({ outcome: 'over', reason: cause });
  }

  private release(reason: DisconnectReason): void {
    this.session.attempt?.cancel(reason);
    this.removal?.stop();
    this.session.owned.keys.dispose();
  }
}
