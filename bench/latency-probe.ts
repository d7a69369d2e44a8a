import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from './figures.js';
import type { ArrivedEvents } from './subscriber-thread.js';
import type { SessionPhones } from './traffic.js';

/** What became of the messages of a probe; latencies in ms from the phone's send to the Socket.IO event. */
export interface ProbeFigures {
  written: number;
  arrived: number;
  /** Events that came after the event of a message which was written later. */
  outOfOrder: number;
  p50: number | undefined;
  p95: number | undefined;
  p99: number | undefined;
  max: number | undefined;
}

interface ProbeMessage {
  id: string;
  place: number;
  sentAt: number;
  latencyMs?: number;
}

/** Customers who write to a session in turns, one message at a time, at even intervals: what a little used number sees. */
export class LatencyProbe {
  private readonly session: SessionPhones;
  private readonly intervalMs: number;
  private readonly probes = new Map<string, ProbeMessage>();
  private newest = -1;
  private outOfOrder = 0;

  constructor(session: SessionPhones, intervalMs: number) {
    this.session = session;
    this.intervalMs = intervalMs;
  }

  /** For the subscriber. */
  readonly onEvents = (events: ArrivedEvents): void => {
    for (const [id, atMs] of events) {
      const probe = this.probes.get(id);
      if (probe && probe.latencyMs === undefined) {
        probe.latencyMs = atMs - probe.sentAt;
        this.outOfOrder += probe.place < this.newest ? 1 : 0;
        this.newest = Math.max(this.newest, probe.place);
      }
    }
  };

  /**
   * Writes until it is told to end.
   * @param limitMs how long to wait for what is under way then
   */
  async run(isOver: () => boolean, limitMs: number): Promise<ProbeFigures> {
    this.probes.clear();
    this.outOfOrder = 0;
    this.newest = -1;
    const { owner, customers } = this.session;
    const startedAt = performance.now();
    for (let place = 0; !isOver(); place++) {
      const id = `3EB0D0${place.toString(16).toUpperCase().padStart(14, '0')}${Math.round(startedAt)}`;
      const sentAt = performance.timeOrigin + performance.now();
      this.probes.set(id, { id, place, sentAt });
      await customers[place % customers.length]!.writes(owner, `Do you have time on day ${place}?`, { id });
      await delay(Math.max(0, startedAt + (place + 1) * this.intervalMs - performance.now()));
    }
    const giveUpAt = performance.now() + limitMs;
    while (this.latencies().length < this.probes.size && performance.now() < giveUpAt) {
      await delay(20);
    }
    const latencies = this.latencies();
    return {
      written: this.probes.size,
      arrived: latencies.length,
      outOfOrder: this.outOfOrder,
      p50: quantile(latencies, 0.5),
      p95: quantile(latencies, 0.95),
      p99: quantile(latencies, 0.99),
      max: quantile(latencies, 1),
    };
  }

  private latencies(): number[] {
    return [...this.probes.values()].flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
  }
}
