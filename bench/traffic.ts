import { setTimeout as delay } from 'node:timers/promises';
import { withTimeout } from '../src/common/with-timeout.js';
import type { Phone } from '../src/simulator/phones/phone.js';
import type { WhatsAppSimulator } from '../src/simulator/whatsapp-simulator.js';
import type { SubjectName } from './subject-name.js';
import type { ArrivedEvents } from './subscriber-thread.js';

/** The phones of one session: its owner's, and those of the customers who write to it. */
export interface SessionPhones {
  subject: SubjectName;
  owner: Phone;
  customers: Phone[];
}

/** What happened to one message when, in ms since 1970. */
export interface MessageTimes {
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
  /** Of the messages that were completed, by id. */
  messageTimes: Map<string, MessageTimes>;
}

interface InFlightMessage extends MessageTimes {
  goal: Goal;
  arrived: () => void;
}

const STALL_MS = 30_000;

/** Makes phones write and keeps the times. One round at a time. */
export class Traffic {
  private readonly inFlight = new Map<string, InFlightMessage>();
  private messageTimes = new Map<string, MessageTimes>();
  private nextId = 1;
  private readonly arrived = new Map<SubjectName, number>();
  private completed = 0;
  private refused = 0;

  constructor(sim: WhatsAppSimulator) {
    sim.on('message.acknowledged', ({ id, answer }) => {
      const times = this.inFlight.get(id);
      if (times && answer.error !== undefined) {
        this.refused += 1;
      }
      if (times) {
        times.acknowledgedAt = performance.timeOrigin + answer.atMs;
        this.checkArrival(id, times);
      }
    });
  }

  /** For the subscriber. */
  readonly onEvents = (events: ArrivedEvents): void => {
    for (const [id, atMs] of events) {
      const times = this.inFlight.get(id);
      if (times) {
        times.eventAt = atMs;
        this.checkArrival(id, times);
      }
    }
  };

  /** Each session always has `window` messages under way. */
  async saturate(
    sessionPhones: readonly SessionPhones[],
    options: { goal: Goal; window: number; warmUpMs: number; ms: number; onWindow: WindowHooks },
  ): Promise<Round> {
    const { goal, window, warmUpMs, ms, onWindow } = options;
    let isOver = false;
    const writers = sessionPhones.flatMap((session) =>
      Array.from({ length: window }, async (_, place) => {
        for (let turn = place; !isOver; turn++) {
          await this.write(session, turn, goal);
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
    sessionPhones: readonly SessionPhones[],
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
        const session = sessionPhones[written % sessionPhones.length]!;
        const writing = this.write(session, Math.floor(written / sessionPhones.length), goal);
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

  private async write({ subject, owner, customers }: SessionPhones, turn: number, goal: Goal): Promise<void> {
    const id = `3EB0${(this.nextId++).toString(16).toUpperCase().padStart(16, '0')}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    const sentAt = performance.timeOrigin + performance.now();
    this.inFlight.set(id, { sentAt, goal, arrived: resolve });
    const customer = customers[turn % customers.length]!;
    await customer.writes(owner, `Is there a free slot on day ${turn % 31}? Message ${this.nextId}.`, { id });
    await promise;
    this.arrived.set(subject, this.arrivedAt(subject) + 1);
  }

  private checkArrival(id: string, times: InFlightMessage): void {
    const { sentAt, acknowledgedAt, eventAt, goal, arrived } = times;
    if (acknowledgedAt === undefined || (goal === 'event' && eventAt === undefined)) {
      return;
    }
    this.inFlight.delete(id);
    this.completed += 1;
    this.messageTimes.set(id, { sentAt, acknowledgedAt, ...(eventAt !== undefined && { eventAt }) });
    arrived();
  }

  private async measure(warmUpMs: number, ms: number, hooks: WindowHooks): Promise<Round> {
    await delay(warmUpMs);
    await hooks.begin();
    this.messageTimes = new Map();
    this.completed = 0;
    const startedAt = performance.now();
    await delay(ms);
    const rate = (this.completed * 1_000) / (performance.now() - startedAt);
    const messageTimes = this.messageTimes;
    this.messageTimes = new Map();
    await hooks.end();
    if (this.refused > 0) {
      throw new Error(`${this.refused} messages were refused by the client`);
    }
    if (messageTimes.size === 0) {
      throw new Error('no message arrived');
    }
    return { rate, messageTimes };
  }
}

/** Called around the measured part of a round. */
export interface WindowHooks {
  begin(): Promise<void>;
  end(): Promise<void>;
}

async function within(work: Promise<unknown>, ms: number): Promise<void> {
  await withTimeout(work, ms, () => new Error(`messages did not arrive within ${ms} ms`));
}
