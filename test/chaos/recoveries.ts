import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';

/** Measures from an event to the next confirmation of a message, in ms. */
export class Recoveries {
  private readonly times = new Map<string, number[]>();
  private readonly waiting = new Map<string, number>();

  constructor(simulator: WhatsAppSimulator) {
    simulator.on('message.acknowledged', ({ answer }) => {
      if (this.waiting.size > 0 && !answer.error) {
        for (const [what, since] of this.waiting) {
          const times = this.times.get(what) ?? [];
          times.push(performance.now() - since);
          this.times.set(what, times);
        }
        this.waiting.clear();
      }
    });
  }

  /** From now on until the next confirmation. */
  expect(what: string): void {
    this.waiting.set(what, performance.now());
  }

  /** What is measured was cut off, e.g. by the next kill. */
  forget(what: string): void {
    this.waiting.delete(what);
  }

  get all(): ReadonlyMap<string, number[]> {
    return this.times;
  }
}
