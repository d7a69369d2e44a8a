import { withTimeout } from '../src/common/with-timeout.js';
import type { WhatsAppSimulator } from '../src/simulator/whatsapp-simulator.js';
import type { ConnectionEvent, DeviceEvent } from '../src/simulator/simulator-events.js';

/** What the network saw of sessions that come on line; times in ms since the watch began. */
export interface ArrivalFigures {
  /** When each session was on line for the first time, ascending. */
  onLineMs: number[];
  /** Connections that were opened. */
  attempts: number;
  /** Of these, the ones that ended before their session was on line. */
  failed: number;
  /** Connections that ended after their session had been on line. */
  lost: number;
  /** Connections between their opening and being on line, at the same time, at most. */
  simultaneous: number;
  /** Connections opened within one second, at most. */
  perSecond: number;
}

/** Watches a network's connections from its making until `stop`. */
export class BootWatch {
  private readonly sim: WhatsAppSimulator;
  private readonly startedAt = performance.now();
  private readonly openedAtMs: number[] = [];
  private readonly underWay = new Set<number>();
  private readonly onLineMs = new Map<string, number>();
  private simultaneous = 0;
  private failed = 0;
  private lost = 0;
  private onArrival: () => void = () => undefined;

  constructor(sim: WhatsAppSimulator) {
    this.sim = sim;
    sim.on('connection.opened', this.opened);
    sim.on('connection.ended', this.ended);
    sim.on('device.connected', this.connected);
  }

  /** @throws Error when not so many sessions are on line in time */
  async untilOnLine(sessions: number, timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = () => {
      const count = this.onLineMs.size;
      return new Error(`${count} of ${sessions} sessions were on line after ${timeoutMs / 1_000} s`);
    };
    this.onArrival = () => this.onLineMs.size >= sessions && resolve();
    this.onArrival();
    await withTimeout(promise, timeoutMs, late);
  }

  /** Stops watching. */
  stop(): ArrivalFigures {
    this.sim.off('connection.opened', this.opened);
    this.sim.off('connection.ended', this.ended);
    this.sim.off('device.connected', this.connected);
    const { failed, lost, simultaneous, openedAtMs } = this;
    const onLineMs = [...this.onLineMs.values()].toSorted((a, b) => a - b);
    const perSecond = busiest(openedAtMs, 1_000);
    return { onLineMs, attempts: openedAtMs.length, failed, lost, simultaneous, perSecond };
  }

  private readonly opened = ({ connection }: ConnectionEvent): void => {
    this.openedAtMs.push(performance.now() - this.startedAt);
    this.underWay.add(connection);
    this.simultaneous = Math.max(this.simultaneous, this.underWay.size);
  };

  private readonly connected = ({ connection, phone }: ConnectionEvent & DeviceEvent): void => {
    this.underWay.delete(connection);
    if (!this.onLineMs.has(phone)) {
      this.onLineMs.set(phone, performance.now() - this.startedAt);
      this.onArrival();
    }
  };

  private readonly ended = ({ connection }: ConnectionEvent): void => {
    if (this.underWay.delete(connection)) {
      this.failed += 1;
    } else {
      this.lost += 1;
    }
  };
}

/**
 * @param times ascending
 * @returns how many of them lie within any window of so many ms, at most
 */
function busiest(times: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  times.forEach((time, last) => {
    while (time - times[first]! >= windowMs) {
      first += 1;
    }
    most = Math.max(most, last - first + 1);
  });
  return most;
}
