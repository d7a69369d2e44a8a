import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';
import type { Random } from './random.js';
import type { Timeline } from './timeline.js';

const MAX_AT_ONCE = 5;

/** Causes faults at random moments. */
export class FaultInjector {
  /** How often each happened. */
  readonly counts = new Map<string, number>();
  /** Faults that the harness could not cause or end. */
  readonly failures: string[] = [];
  private readonly faults: readonly Fault[];
  private readonly random: Random;
  private readonly timeline: Timeline;
  private readonly rate: number;
  private readonly running = new Map<Promise<void>, Fault>();

  constructor(faults: readonly Fault[], rate: number, random: Random, timeline: Timeline) {
    this.rate = rate;
    this.faults = faults;
    this.random = random;
    this.timeline = timeline;
  }

  /** Goes on until it is told to stop, and returns when every fault is over. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted && this.rate > 0) {
      await delay(this.random.pause(this.rate), undefined, { signal: stop }).catch(() => undefined);
      const fault = this.random.weighted(this.faults.map((each) => [each, each.weight] as const));
      if (!stop.aborted && this.isPossible(fault)) {
        this.cause(fault);
      }
    }
    await Promise.all(this.running.keys());
  }

  private isPossible(fault: Fault): boolean {
    const others = [...this.running.values()];
    return (
      others.length < MAX_AT_ONCE &&
      (fault.place === 'connection' || others.every(({ place }) => place !== fault.place))
    );
  }

  private cause(fault: Fault): void {
    this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1);
    this.timeline.note('fault', { kind: fault.kind });
    const done: Promise<void> = fault
      .run()
      .catch((error: unknown) => {
        this.failures.push(`${fault.kind}: ${String(error)}`);
        this.timeline.note('fault failed', { kind: fault.kind, error: String(error) });
      })
      .finally(() => {
        this.running.delete(done);
        this.timeline.note('fault over', { kind: fault.kind });
      });
    this.running.set(done, fault);
  }
}
