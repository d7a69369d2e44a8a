import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';

/** A session came on line again. */
export interface Gap {
  /** Number of the account. */
  phone: string;
  /** What was going on. */
  during: string;
  /** From the last acknowledgement before to the first one after. */
  ms: number;
}

/** Watches, from its making on, how long sessions acknowledge nothing when they move. */
export class Gaps {
  readonly all: Gap[] = [];
  /** What goes on now. */
  during = 'start';
  private readonly lastAt = new Map<string, number>();
  private readonly reconnected = new Map<string, string>();

  constructor(simulator: WhatsAppSimulator) {
    simulator.on('device.connected', ({ phone }) => {
      this.reconnected.set(phone, this.reconnected.get(phone) ?? this.during);
    });
    simulator.on('message.acknowledged', ({ device, answer }) => {
      if (!answer.error) {
        this.acknowledged(device.replace(/[:@].*$/, ''));
      }
    });
  }

  /** The longest of each session. */
  longest(): number[] {
    const groups = Map.groupBy(this.all, ({ phone }) => phone);
    return [...groups.values()].map((gaps) => Math.max(...gaps.map(({ ms }) => ms)));
  }

  private acknowledged(phone: string): void {
    const now = performance.now();
    const during = this.reconnected.get(phone);
    const before = this.lastAt.get(phone);
    if (during !== undefined && before !== undefined) {
      this.all.push({ phone, during, ms: now - before });
    }
    this.reconnected.delete(phone);
    this.lastAt.set(phone, now);
  }
}
