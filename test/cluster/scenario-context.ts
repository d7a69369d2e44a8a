import { setTimeout as delay } from 'node:timers/promises';
import type { Acknowledgements } from '../chaos/acknowledgements.js';
import type { Findings } from '../chaos/findings.js';
import type { Progress } from '../chaos/interruptible.js';
import type { Random } from '../chaos/random.js';
import type { Population } from '../chaos/population.js';
import type { Harness } from '../chaos/harness.js';
import type { TestRedis } from '../support/redis.js';
import type { ClusterOptions } from './cluster-options.js';
import type { ClusterProcesses } from './cluster-processes.js';
import type { Gaps } from './gaps.js';
import { isSpread, ownersOf } from './ownership.js';

const LOOK_EVERY_MS = 100;
/** Far beyond what is asked for: whoever is not there by then does not come. */
const LIMIT_MS = 120_000;

/** What a scenario works with: everything that it can disturb, and what it takes note of. */
export class ScenarioContext {
  /** Times in ms, by what they are of. */
  readonly times = new Map<string, number[]>();
  /** How often which fault happened. */
  readonly faults = new Map<string, number>();
  readonly options: ClusterOptions;
  readonly harness: Harness;
  readonly processes: ClusterProcesses;
  readonly population: Population;
  readonly redis: TestRedis | undefined;
  readonly acknowledgements: Acknowledgements;
  readonly gaps: Gaps;
  readonly findings: Findings;
  readonly random: Random;
  readonly progress: Progress;
  readonly interrupt: AbortSignal;

  constructor(
    parts: Omit<ScenarioContext, 'times' | 'faults' | 'fault' | 'took' | 'pause' | 'reach' | 'reachSpread'>,
  ) {
    this.options = parts.options;
    this.harness = parts.harness;
    this.processes = parts.processes;
    this.population = parts.population;
    this.redis = parts.redis;
    this.acknowledgements = parts.acknowledgements;
    this.gaps = parts.gaps;
    this.findings = parts.findings;
    this.random = parts.random;
    this.progress = parts.progress;
    this.interrupt = parts.interrupt;
  }

  /** Notes that a fault happens now; what moves from now on moves because of it. */
  fault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.harness.timeline.note('fault', { kind });
    this.gaps.during = kind;
  }

  /** Notes how long something took. */
  took(what: string, ms: number): void {
    this.times.set(what, [...(this.times.get(what) ?? []), ms]);
    this.harness.timeline.note(what, { tookMs: Math.round(ms) });
  }

  /** Some moment. */
  async pause(fromMs: number, toMs: number): Promise<void> {
    await delay(this.random.between(fromMs, toMs), undefined, { signal: this.interrupt });
  }

  /**
   * Waits for something; it is a finding when it does not come.
   * @param isThere asked again and again
   * @returns how long it took in ms
   */
  async reach(what: string, isThere: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<number> {
    const startedAt = performance.now();
    while (!(await isThere())) {
      if (performance.now() - startedAt > limitMs) {
        this.findings.add('not reached', { what, limitMs });
        break;
      }
      await delay(LOOK_EVERY_MS, undefined, { signal: this.interrupt });
    }
    return performance.now() - startedAt;
  }

  /** Waits until all sessions run, evenly spread over the nodes. */
  async reachSpread(): Promise<void> {
    const { harness, processes, population } = this;
    await this.reach('an even spread', async () =>
      isSpread(await ownersOf(harness.database), processes.names, population.linkedNumbers.length),
    );
  }
}
