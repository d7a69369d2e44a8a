import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { callersQuestion, currentPrincipals } from '../auth/current-principals.js';
import type { Principal } from '../auth/principal.js';
import { RepeatedTask } from '../common/repeated-task.js';
import { Logs } from '../logging/logs.js';
import { AccessSignals } from '../queue/access-signals.js';
import type { CallersAnswer, CallersQuestion } from '../repositories/ticks.repository.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';

/** How late somebody may be ended whose token came to its end. */
const ENDS_EVERY_MS = 1_000;

/** Somebody who was let in, and stays. */
export interface StayingCaller {
  readonly principal: Principal;
  /** @param principal who that is by now; null for one who would not be let in any more */
  apply(principal: Principal | null): Promise<void>;
}

/**
 * Callers stay as long as their tokens allow it: one whose key was revoked, whose user was removed or whose token is past its
 * end is told so, and so is one that may do less, or more, than before.
 */
@Injectable()
export class CallerWatch implements OnApplicationShutdown {
  private readonly log: Logger;
  private readonly sources = new Set<() => StayingCaller[]>();
  private readonly ends = new RepeatedTask(() => this.endPast(), {
    everyMs: ENDS_EVERY_MS,
    onFailure: (err) => this.failed(err),
    unref: true,
  });
  private seat: TickSeat | undefined;
  private stopListening: () => void = () => undefined;
  /** Those that were asked about last. */
  private asked: StayingCaller[] = [];
  private isFailing = false;

  constructor(
    private readonly ticker: Ticker,
    private readonly signals: AccessSignals,
    logs: Logs,
  ) {
    this.log = logs.component('realtime');
  }

  /** @param source gives those who stay at the moment */
  watch(source: () => StayingCaller[]): void {
    this.sources.add(source);
    if (this.seat !== undefined) {
      return;
    }
    this.ends.start();
    this.seat = this.ticker.join({
      part: 'callers',
      everyMs: 0,
      ask: () => this.question(),
      answered: (answer) => void this.applyAll(answer),
      failed: (err) => this.failed(err),
    });
    // Of whom no signal tells, because it was done by the command line, by hand, or while Redis is away, the next tick does.
    this.stopListening = this.signals.onTold(() => void this.seat?.soon());
  }

  onApplicationShutdown(): void {
    void this.ends.stop();
    void this.seat?.leave();
    this.stopListening();
    this.sources.clear();
  }

  private async endPast(): Promise<void> {
    await Promise.all(
      this.staying()
        .filter(isPastEnd)
        .map((caller) => caller.apply(null)),
    );
  }

  private question(): CallersQuestion | undefined {
    void this.endPast();
    this.asked = this.staying();
    return callersQuestion(this.asked.map(({ principal }) => principal));
  }

  /** Never rejects. */
  private async applyAll(answer: CallersAnswer): Promise<void> {
    const now = currentPrincipals(answer);
    try {
      await Promise.all(this.asked.map((caller) => caller.apply(now(caller.principal))));
      this.isFailing = false;
    } catch (err) {
      this.failed(err);
    }
  }

  /** While nothing can be looked up, they stay: there is nothing new to be heard then either. */
  private failed(err: unknown): void {
    if (!this.isFailing) {
      this.log.warn({ err }, 'tokens of open sockets can not be checked');
    }
    this.isFailing = true;
  }

  private staying(): StayingCaller[] {
    return [...this.sources].flatMap((source) => source()).filter(({ principal }) => mayEnd(principal));
  }
}

function mayEnd({ kind }: Principal): boolean {
  return kind === 'api-key' || kind === 'user';
}

function isPastEnd({ principal: { expiresAt } }: StayingCaller): boolean {
  return expiresAt !== undefined && expiresAt.getTime() <= Date.now();
}
