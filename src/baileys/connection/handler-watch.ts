import type { EventEmitter } from 'node:events';
import { StallTimer } from './stall-timer.js';

/** Baileys handles the stanzas of each of these behind a lock of its own: one that hangs stops all that follow. */
const EVENTS = ['CB:receipt', 'CB:notification', 'CB:call'] as const;

/** Watches the handlers of receipts, notifications and calls; messages have their own (see `StanzaQueue`). */
export class HandlerWatch {
  private readonly timers: StallTimer[] = [];

  /**
   * Takes the place of the listeners that are there now, and calls them.
   * @param emitter Baileys' socket client
   * @param limitMs how long handlers may go without one of them ending, in ms
   * @param onStall told once for each kind of stanza
   */
  constructor(
    private readonly emitter: EventEmitter,
    private readonly limitMs: number,
    private readonly onStall: (event: string) => void,
  ) {
    EVENTS.forEach((event) => this.watch(event));
  }

  end(): void {
    this.timers.forEach((timer) => timer.end());
  }

  private watch(event: string): void {
    const handlers = this.emitter.listeners(event) as ((stanza: unknown) => unknown)[];
    const timer = new StallTimer(this.limitMs, () => this.onStall(event));
    let underWay = 0;
    this.timers.push(timer);
    const handle: (stanza: unknown) => unknown = async (stanza) => {
      underWay += 1;
      if (underWay === 1) {
        timer.progress();
      }
      try {
        await Promise.all(handlers.map(async (handler) => handler(stanza)));
      } finally {
        underWay -= 1;
        if (underWay === 0) {
          timer.end();
        } else {
          timer.progress();
        }
      }
    };
    this.emitter.removeAllListeners(event);
    // Its rejections go where those of the handlers went: to the emitter.
    this.emitter.on(event, handle);
  }
}
