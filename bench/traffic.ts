import { setTimeout as delay } from 'node:timers/promises';
import type { Phone } from '../src/simulator/phones/phone.js';
import type { WhatsAppSimulator } from '../src/simulator/whatsapp-simulator.js';
import type { SubjectName } from './subject-name.js';
import type { ArrivedEvents } from './subscriber-thread.js';

/** Who writes to whom, one line for each session. */
export interface Street {
  subject: SubjectName;
  owner: Phone;
  customers: Phone[];
}

/** One message's life; times in ms since 1970. */
export interface Trip {
  sentAt: number;
  acknowledgedAt?: number;
  eventAt?: number;
}

/** What completes a message: WhatsApp has its acknowledgement, or the subscriber its event. */
export type Goal = 'acknowledgement' | 'event';

/** What happened in the measured part of a round. */
export interface Round {
  /** Messages completed per second. */
  rate: number;
  /** Complete trips, by message id. */
  trips: Map<string, Trip>;
}

interface Travelling extends Trip {
  goal: Goal;
  arrived: () => void;
}

const STALL_MS = 30_000;

/** Makes phones write and keeps the times. One round at a time. */
export class Traffic {
  private readonly travelling = new Map<string, Travelling>();
  private trips = new Map<string, Trip>();
  private nextId = 1;
  private readonly arrived = new Map<SubjectName, number>();
  private completed = 0;
  private refused = 0;

  constructor(sim: WhatsAppSimulator) {
    sim.on('message.acknowledged', ({ id, answer }) => {
      const trip = this.travelling.get(id);
      if (trip && answer.error !== undefined) {
        this.refused += 1;
      }
      if (trip) {
        trip.acknowledgedAt = performance.timeOrigin + answer.atMs;
        this.checkArrival(id, trip);
      }
    });
  }

  /** For the subscriber. */
  readonly onEvents = (events: ArrivedEvents): void => {
    for (const [id, atMs] of events) {
      const trip = this.travelling.get(id);
      if (trip) {
        trip.eventAt = atMs;
        this.checkArrival(id, trip);
      }
    }
  };

  /** Each session always has `window` messages under way. */
  async saturate(
    streets: readonly Street[],
    options: { goal: Goal; window: number; warmUpMs: number; ms: number; onWindow: WindowHooks },
  ): Promise<Round> {
    const { goal, window, warmUpMs, ms, onWindow } = options;
    let isOver = false;
    const writers = streets.flatMap((street) =>
      Array.from({ length: window }, async (_, place) => {
        for (let turn = place; !isOver; turn++) {
          await this.write(street, turn, goal);
        }
      }),
    );
    const round = this.measure(warmUpMs, ms, onWindow).finally(() => (isOver = true));
    await Promise.race([round, Promise.all(writers)]);
    await within(Promise.all(writers), STALL_MS);
    return round;
  }

  /** Writes at a fixed rate, evenly, whatever becomes of what is under way. */
  async steady(
    streets: readonly Street[],
    options: { goal: Goal; rate: number; warmUpMs: number; ms: number; onWindow: WindowHooks },
  ): Promise<Round> {
    const { goal, rate, warmUpMs, ms, onWindow } = options;
    const underWay = new Set<Promise<void>>();
    const round = this.measure(warmUpMs, ms, onWindow);
    let isOver = false;
    const ended = round.finally(() => (isOver = true));
    ended.catch(() => undefined);
    const startedAt = performance.now();
    for (let written = 0; !isOver;) {
      for (const due = ((performance.now() - startedAt) * rate) / 1_000; written < due; written++) {
        const street = streets[written % streets.length]!;
        const writing = this.write(street, Math.floor(written / streets.length), goal);
        underWay.add(writing);
        void writing.finally(() => underWay.delete(writing)).catch(() => undefined);
      }
      await delay(1);
    }
    await within(Promise.all(underWay), STALL_MS);
    return round;
  }

  /** How many messages a subject completed so far, in all rounds. */
  arrivedAt(subject: SubjectName): number {
    return this.arrived.get(subject) ?? 0;
  }

  private async write({ subject, owner, customers }: Street, turn: number, goal: Goal): Promise<void> {
    const id = `3EB0${(this.nextId++).toString(16).toUpperCase().padStart(16, '0')}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    const sentAt = performance.timeOrigin + performance.now();
    this.travelling.set(id, { sentAt, goal, arrived: resolve });
    const customer = customers[turn % customers.length]!;
    await customer.writes(owner, `Is there a free slot on day ${turn % 31}? Message ${this.nextId}.`, { id });
    await promise;
    this.arrived.set(subject, this.arrivedAt(subject) + 1);
  }

  private checkArrival(id: string, trip: Travelling): void {
    const { sentAt, acknowledgedAt, eventAt, goal, arrived } = trip;
    if (acknowledgedAt === undefined || (goal === 'event' && eventAt === undefined)) {
      return;
    }
    this.travelling.delete(id);
    this.completed += 1;
    this.trips.set(id, { sentAt, acknowledgedAt, ...(eventAt !== undefined && { eventAt }) });
    arrived();
  }

  private async measure(warmUpMs: number, ms: number, hooks: WindowHooks): Promise<Round> {
    await delay(warmUpMs);
    await hooks.begin();
    this.trips = new Map();
    this.completed = 0;
    const startedAt = performance.now();
    await delay(ms);
    const rate = (this.completed * 1_000) / (performance.now() - startedAt);
    const trips = this.trips;
    this.trips = new Map();
    await hooks.end();
    if (this.refused > 0) {
      throw new Error(`${this.refused} messages were refused by the client`);
    }
    if (trips.size === 0) {
      throw new Error('no message arrived');
    }
    return { rate, trips };
  }
}

/** Called around the measured part of a round. */
export interface WindowHooks {
  begin(): Promise<void>;
  end(): Promise<void>;
}

async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`messages did not arrive within ${ms} ms`)), ms);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
