import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError } from '../common/app-error.js';
import { CoalescedRun } from '../common/coalesced-run.js';
import { withTimeout } from '../common/with-timeout.js';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import {
  TICK_PARTS,
  type TickAnswers,
  type TickFailures,
  type TickPart,
  type TickParts,
  type TickQuestions,
  TicksRepository,
} from '../repositories/ticks.repository.js';
import { TickSettings } from './tick-settings.js';

/** Whoever asks the database for something again and again. */
export interface TickMember<Part extends TickPart> {
  part: Part;
  /** How much time should lie between two questions, in ms; 0: it is asked with every tick. */
  everyMs: number;
  /** Whether it is to be asked with this tick in any case. */
  isUrgent?(): boolean;
  /** @returns undefined where there is nothing to ask now; must not throw */
  ask(): TickParts[Part]['question'] | undefined;
  /** Of the question that was asked last. Work of its own goes on in the background; must not throw. */
  answered(answer: TickParts[Part]['answer']): void;
  /** Nobody knows whether the question was answered. */
  failed?(error: unknown): void;
}

/** A member's place. */
export interface TickSeat {
  /** Asks now, or once more when something is being asked. @returns settles when it was answered or has failed */
  soon(): Promise<void>;
  /** Asks in so many ms at the latest. */
  within(ms: number): void;
  /** Something goes on between processes: for a while ticks come fast. */
  hurry(): void;
  /** Asks nothing more. @returns settles when what is being asked was answered */
  leave(): Promise<void>;
}

/** How evenly ticks are spread: processes that started together must not ask together for ever. */
const JITTER = 0.1;
/** By how much a question may be late, so that it need not have a call of its own. */
const LATE = 1.2;
/** Share of its interval after which a sweep goes along with another one. */
const GOES_ALONG = 0.5;

/** What a node must have said and heard in time, or it loses what it runs. */
const VITAL: ReadonlySet<TickPart> = new Set(['heartbeat', 'work']);
/** These may take long, and hold locks: they never share a call, nor its transaction, with anything else. */
const SWEEPS: ReadonlySet<TickPart> = new Set(['undecrypted', 'drained', 'closings']);
/** A sweep that failed is tried again after so long, in ms. */
const SWEEP_REST_MS = 10_000;

interface Member {
  member: TickMember<TickPart>;
  askedAt: number;
  isWanted: boolean;
  /** It waits for an answer. */
  isOut: boolean;
  /** The last call that it was in had no answer: perhaps because of it, so that it shares none. */
  isAiling: boolean;
}

type Asking = Map<Member, unknown>;

/** How well the database answered the last tick. */
export interface LastTick {
  /** As `performance.now()`. */
  at: number;
  durationMs: number;
}

/**
 * The one clock of a process by which it asks the database: everything that is due goes into one call, sweeps into another.
 * Signals make it faster; what no signal told is found with the next tick. It ticks as long as somebody takes part. What
 * was in a call that failed, and is not vital, has calls of its own until it is answered: whichever it was that took too long,
 * it costs no lease.
 */
@Injectable()
export class Ticker {
  private readonly log: Logger;
  private readonly members = new Set<Member>();
  private readonly limitMs: number;
  private timer: NodeJS.Timeout | undefined;
  private readonly ticking = new CoalescedRun(() => this.run());
  private isFailing = false;
  /** Calls that no tick waits for. */
  private readonly aside = new Set<Promise<unknown>>();
  private hurryUntil = -Infinity;
  /** Somebody must ask by then. */
  private appointment = Infinity;
  private answeredLast: LastTick | undefined;

  constructor(
    private readonly ticks: TicksRepository,
    private readonly settings: TickSettings,
    config: AppConfig,
    logs: Logs,
  ) {
    // A node that is not heard in this time is late with its leases.
    this.limitMs = (config.leaseSeconds * 1_000) / 3;
    this.log = logs.component('ticker');
  }

  /** The last tick, where the database answered it. */
  get lastAnswer(): LastTick | undefined {
    return this.answeredLast;
  }

  /** How long it may be until the next tick is answered while nothing is wrong, in ms. */
  get longestMs(): number {
    return this.pauseMs + this.limitMs;
  }

  /** @param member is asked with the next tick for the first time */
  join<Part extends TickPart>(member: TickMember<Part>): TickSeat {
    const one: Member = {
      member: member as unknown as TickMember<TickPart>,
      askedAt: -Infinity,
      isWanted: false,
      isOut: false,
      isAiling: false,
    };
    this.members.add(one);
    this.plan();
    return {
      soon: () => {
        one.isWanted = true;
        return this.soon();
      },
      within: (ms) => {
        this.appointment = Math.min(this.appointment, performance.now() + ms);
        this.plan();
      },
      hurry: () => {
        this.hurryUntil = performance.now() + this.settings.hurryMs;
        this.plan();
      },
      leave: () => {
        this.members.delete(one);
        this.plan();
        return this.settled();
      },
    };
  }

  private get pauseMs(): number {
    const { periodMs, fastMs } = this.settings;
    const isFast = this.isFailing || performance.now() < this.hurryUntil;
    return Math.min(isFast ? fastMs : periodMs, periodMs, this.limitMs);
  }

  /** Settles when what is being asked was answered, or has failed. */
  private async settled(): Promise<void> {
    await Promise.all([this.ticking.settled(), withTimeout(Promise.all(this.aside), this.limitMs)]);
  }

  private soon(): Promise<void> {
    return this.ticking.run();
  }

  private async run(): Promise<void> {
    clearTimeout(this.timer);
    await this.tick();
    this.setTimer();
  }

  private plan(): void {
    // A tick under way does it when it is over.
    if (!this.ticking.isRunning) {
      this.setTimer();
    }
  }

  private setTimer(): void {
    clearTimeout(this.timer);
    if (this.members.size === 0) {
      return;
    }
    const pauseMs = this.pauseMs * (1 - JITTER * Math.random());
    const ms = Math.max(Math.min(pauseMs, this.appointment - performance.now()), 0);
    this.timer = setTimeout(() => void this.soon(), ms).unref();
  }

  /** Never rejects. */
  private async tick(): Promise<void> {
    const startedAt = performance.now();
    this.appointment = Infinity;
    const [main, sweeps, ailing]: [Asking, Asking, Asking] = [new Map(), new Map(), new Map()];
    for (const [one, question] of this.ask(startedAt)) {
      const into = SWEEPS.has(one.member.part) ? sweeps : one.isAiling ? ailing : main;
      into.set(one, question);
    }
    this.callAside(sweeps);
    if (main.size > 0) {
      const isAnswered = await this.call(main, this.limitMs);
      const at = performance.now();
      this.answeredLast = isAnswered ? { at, durationMs: Math.round(at - startedAt) } : undefined;
      this.isFailing = !isAnswered;
    }
    // While nothing is answered these would not be either.
    const isAway = main.size > 0 && this.isFailing;
    for (const [one, question] of ailing) {
      if (isAway) {
        one.isWanted = true;
      } else {
        this.callAside(new Map([[one, question]]));
      }
    }
  }

  private callAside(asking: Asking): void {
    if (asking.size > 0) {
      const call = this.call(asking);
      this.aside.add(call);
      void call.then(() => this.aside.delete(call));
    }
  }

  /**
   * Never rejects.
   * @param limitMs how long to wait; left out, as long as a call may take
   * @returns whether there was an answer
   */
  private async call(asking: Asking, limitMs?: number): Promise<boolean> {
    const all = [...asking.keys()];
    all.forEach((one) => (one.isOut = true));
    try {
      const { failed, ...answers } = await this.answersTo(asking, limitMs);
      this.eachOf(all, (one) => {
        one.isOut = one.isAiling = false;
        if (failed?.has(one.member.part)) {
          this.failedOf(one, failed.get(one.member.part));
        } else {
          one.member.answered(answers[one.member.part]!);
        }
      });
      return true;
    } catch (error) {
      this.log.debug({ err: error, parts: all.map(({ member }) => member.part) }, 'tick not answered');
      this.eachOf(all, (one) => {
        one.isOut = false;
        one.isAiling = !VITAL.has(one.member.part);
        this.failedOf(one, error);
      });
      return false;
    }
  }

  private failedOf(one: Member, error: unknown): void {
    const { member } = one;
    if (SWEEPS.has(member.part)) {
      one.askedAt = performance.now() + SWEEP_REST_MS - member.everyMs * LATE;
    } else {
      one.isWanted = true;
    }
    member.failed?.(error);
  }

  /** @returns the questions that are due, in the order in which they are answered */
  private ask(at: number): Asking {
    const asking: Asking = new Map();
    const inOrder = [...this.members].sort((a, b) => placeOf(a) - placeOf(b));
    const isDueBy = ({ member, askedAt }: Member) => at - askedAt + this.pauseMs > member.everyMs * LATE;
    // Those of a minute go together, also where they began apart: they have a call of their own.
    const isSweeping = inOrder.some((one) => SWEEPS.has(one.member.part) && !one.isOut && isDueBy(one));
    for (const one of inOrder) {
      const { member } = one;
      const goesAlong =
        isSweeping && SWEEPS.has(member.part) && at - one.askedAt > member.everyMs * GOES_ALONG;
      const isDue = isDueBy(one) || goesAlong;
      if (!one.isOut && (isDue || one.isWanted || member.isUrgent?.())) {
        one.isWanted = false;
        const question = member.ask();
        if (question !== undefined) {
          one.askedAt = at;
          asking.set(one, question);
        }
      }
    }
    return asking;
  }

  private async answersTo(
    asking: Asking,
    limitMs: number | undefined,
  ): Promise<TickAnswers & { failed?: TickFailures }> {
    const questions = Object.fromEntries(
      [...asking].map(([{ member }, question]) => [member.part, question]),
    ) as TickQuestions;
    const call: Promise<TickAnswers & { failed?: TickFailures }> = this.ticks.tick(questions);
    const answers = await (limitMs === undefined ? call : withTimeout(call, limitMs));
    if (answers === undefined) {
      throw new AppError('database_unavailable');
    }
    return answers;
  }

  private eachOf(all: readonly Member[], tell: (one: Member) => void): void {
    for (const one of all) {
      if (this.members.has(one)) {
        try {
          tell(one);
        } catch (err) {
          this.log.error({ err, part: one.member.part }, 'an answer was not taken');
        }
      }
    }
  }
}

function placeOf({ member }: Member): number {
  return TICK_PARTS.indexOf(member.part);
}
