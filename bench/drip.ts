import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from './figures.js';
import type { ArrivedEvents } from './subscriber-thread.js';
import type { Street } from './traffic.js';

/** What became of the messages of a drip; latencies in ms from the phone's send to the Socket.IO event. */
export interface DripFigures {
  written: number;
  arrived: number;
  /** Events that came after the event of a message which was written later. */
  outOfOrder: number;
  p50: number | undefined;
  p95: number | undefined;
  p99: number | undefined;
  max: number | undefined;
}

interface Drop {
  id: string;
  place: number;
  sentAt: number;
  latencyMs?: number;
}

/** Customers who write to a session in turns, one message at a time, at even intervals: somebody's quiet day. */
export class Drip {
  private readonly street: Street;
  private readonly intervalMs: number;
  private readonly drops = new Map<string, Drop>();
  private newest = -1;
  private outOfOrder = 0;

  constructor(street: Street, intervalMs: number) {
    this.street = street;
    this.intervalMs = intervalMs;
  }

  /** For the subscriber. */
  readonly onEvents = (events: ArrivedEvents): void => {
    for (const [id, atMs] of events) {
      const drop = this.drops.get(id);
      if (drop && drop.latencyMs === undefined) {
        drop.latencyMs = atMs - drop.sentAt;
        this.outOfOrder += drop.place < this.newest ? 1 : 0;
        this.newest = Math.max(this.newest, drop.place);
      }
    }
  };

  /**
   * Writes until it is told to end.
   * @param limitMs how long to wait for what is under way then
   */
  async run(isOver: () => boolean, limitMs: number): Promise<DripFigures> {
    this.drops.clear();
    this.outOfOrder = 0;
    this.newest = -1;
    const { owner, customers } = this.street;
    const startedAt = performance.now();
    for (let place = 0; !isOver(); place++) {
      const id = `3EB0D0${place.toString(16).toUpperCase().padStart(14, '0')}${Math.round(startedAt)}`;
      const sentAt = performance.timeOrigin + performance.now();
      this.drops.set(id, { id, place, sentAt });
      await customers[place % customers.length]!.writes(owner, `Do you have time on day ${place}?`, { id });
      await delay(Math.max(0, startedAt + (place + 1) * this.intervalMs - performance.now()));
    }
    const giveUpAt = performance.now() + limitMs;
    while (this.latencies().length < this.drops.size && performance.now() < giveUpAt) {
      await delay(20);
    }
    const latencies = this.latencies();
    return {
      written: this.drops.size,
      arrived: latencies.length,
      outOfOrder: this.outOfOrder,
      p50: quantile(latencies, 0.5),
      p95: quantile(latencies, 0.95),
      p99: quantile(latencies, 0.99),
      max: quantile(latencies, 1),
    };
  }

  private latencies(): number[] {
    return [...this.drops.values()].flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
  }
}
