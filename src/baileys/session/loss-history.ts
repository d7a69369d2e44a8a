import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import type { DisconnectDecision } from '../connection/disconnect-policy.js';
import type { SessionSettings } from '../settings/session-settings.js';
import type { SessionEvent } from './session-transitions.js';

/** What a session remembers of the lines that it lost: the same end means something else when it comes once more. */
export class LossHistory {
  private replacedAt = -Infinity;
  private hasWaitedForBan = false;
  private banEndsAt: Date | undefined;
  private cause: DisconnectReason | undefined;

  constructor(private readonly settings: Pick<SessionSettings, 'replaced' | 'ban'>) {}

  /** Why the line was lost last; undefined while it is there, or was not lost yet. */
  get lastCause(): DisconnectReason | undefined {
    return this.cause;
  }

  /** Until when WhatsApp wants to be left alone. */
  get bannedUntil(): Date | undefined {
    return this.banEndsAt && this.banEndsAt.getTime() > Date.now() ? this.banEndsAt : undefined;
  }

  /** @returns what the end of a connection means to a linked session */
  judge({ action, cause, pauseMs = 0 }: DisconnectDecision): SessionEvent {
    this.cause = cause;
    switch (action) {
      case 'restart':
        return 'restart_asked';
      case 'retry':
        return 'line_lost';
      case 'contest':
        return this.isReplacedAgain() ? 'replaced_again' : 'replaced';
      case 'pause':
        return this.isBannedAgain(pauseMs) ? 'banned_again' : 'banned_for_a_while';
      case 'stop':
        return cause === 'banned' ? 'banned' : 'refused';
      case 'wipe':
        return 'unlinked';
    }
  }

  /** WhatsApp wants to be left alone for so long, in ms. @returns until when */
  banned(pauseMs: number): Date {
    this.banEndsAt = new Date(Date.now() + pauseMs);
    return this.banEndsAt;
  }

  /** It is on line. Who else logs in is remembered for a while. */
  opened(): void {
    this.hasWaitedForBan = false;
    this.banEndsAt = undefined;
    this.cause = undefined;
  }

  private isReplacedAgain(): boolean {
    const before = this.replacedAt;
    this.replacedAt = Date.now();
    return this.replacedAt - before < this.settings.replaced.windowMs;
  }

  private isBannedAgain(pauseMs: number): boolean {
    if (this.hasWaitedForBan || pauseMs > this.settings.ban.maxMs) {
      return true;
    }
    this.hasWaitedForBan = true;
    return false;
  }
}
