import { StallTimer } from './stall-timer.js';
import type { Stage } from './stanza-pipeline.js';

/**
 * Watches what is done with receipts, notifications and calls. Baileys handles those of each kind behind a lock of its own: one that hangs
 * stops all that follow. Messages have their own (see `StanzaQueue`).
 */
export class HandlerWatch {
  private readonly timers: StallTimer[] = [];

  /**
   * @param limitMs how long handlers may go without one of them ending, in ms
   * @param onStall told once for each kind of stanza
   */
  constructor(
    private readonly limitMs: number,
    private readonly onStall: (kind: string) => void,
  ) {}

  /** @param kind of stanza that the stage is for */
  stage(kind: string): Stage {
    const timer = new StallTimer(this.limitMs, () => this.onStall(kind));
    let underWay = 0;
    this.timers.push(timer);
    return async (stanza, next) => {
      underWay += 1;
      if (underWay === 1) {
        timer.progress();
      }
      try {
        await next(stanza);
      } finally {
        underWay -= 1;
        if (underWay === 0) {
          timer.end();
        } else {
          timer.progress();
        }
      }
    };
  }

  end(): void {
    this.timers.forEach((timer) => timer.end());
  }
}
