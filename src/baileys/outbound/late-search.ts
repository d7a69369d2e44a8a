import type { OutboundSettings } from '../settings/outbound-settings.js';

/**
 * Looks for messages that came to be stored after their callers were told that it is not known: a database that was away, or kept
 * somebody waiting, may still do what it was asked before. Goes on until that can't be any more.
 */
export class LateSearch {
  private timer: NodeJS.Timeout | undefined;
  private until = 0;

  /** @param look takes up what is stored and not on its way; must not throw, and ends in a call of `answered` */
  constructor(
    private readonly look: () => void,
    private readonly settings: Pick<OutboundSettings, 'lateLookMs' | 'lateStoreMs' | 'lateMaxMs'>,
  ) {}

  /** A message may be stored from now on that is not known here. */
  begin(): void {
    this.until = Date.now() + this.settings.lateMaxMs;
    this.timer ??= setInterval(() => this.tick(), this.settings.lateLookMs).unref();
  }

  /** The database is there. */
  answered(): void {
    this.until = Math.min(this.until, Date.now() + this.settings.lateStoreMs);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    if (Date.now() >= this.until) {
      this.stop();
    }
    this.look();
  }
}
