import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

/** What kept a process from its work, in ms. */
export interface Pauses {
  /** How late timers were. */
  loop: { p50: number; p99: number; max: number };
  /**
   * Times in which the event loop did not turn for `STALL_MS` or longer. What of it is not CPU of its thread is time in which the
   * machine did something else, or the thread waited for the disk.
   */
  stalls: { count: number; totalMs: number; maxMs: number; cpuMs: number };
  /** Garbage collections by kind. */
  collections: { kind: string; count: number; totalMs: number; maxMs: number }[];
}

/** From when on a pause of the event loop is looked at. */
export const STALL_MS = 20;
/** Looking wakes the process: more often, it would be most of what it does at a low rate. */
const LOOK_MS = 10;
const RESOLUTION_MS = 10;
const KINDS: Record<number, string> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'scavenge',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'mark-sweep-compact',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental marking',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak callbacks',
};

/** Watches event loop and garbage collector of this process from its making until `stop`. */
export class PauseWatch {
  private readonly loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly collections = new Map<string, { count: number; totalMs: number; maxMs: number }>();
  private readonly stalls = { count: 0, totalMs: 0, maxMs: 0, cpuMs: 0 };
  private readonly observer = new PerformanceObserver((list) => this.note(list.getEntries()));
  private readonly looks: NodeJS.Timeout;
  private last = moment();

  constructor() {
    this.loop.enable();
    this.observer.observe({ entryTypes: ['gc'] });
    this.looks = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): Pauses {
    clearInterval(this.looks);
    this.loop.disable();
    this.note(this.observer.takeRecords());
    this.observer.disconnect();
    const late = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    return {
      loop: {
        p50: late(this.loop.percentile(50)),
        p99: late(this.loop.percentile(99)),
        max: late(this.loop.max),
      },
      stalls: this.stalls,
      collections: [...this.collections].map(([kind, figures]) => ({ kind, ...figures })),
    };
  }

  private look(): void {
    const now = moment();
    const ms = now.atMs - this.last.atMs;
    if (ms >= STALL_MS) {
      this.stalls.count += 1;
      this.stalls.totalMs += ms;
      this.stalls.maxMs = Math.max(this.stalls.maxMs, ms);
      this.stalls.cpuMs += now.cpuMs - this.last.cpuMs;
    }
    this.last = now;
  }

  private note(entries: readonly PerformanceEntry[]): void {
    for (const entry of entries) {
      // Entries of type `gc` have it; the types of this version of Node's do not say so.
      const { detail } = entry as PerformanceEntry & { detail: { kind: number } };
      const { duration } = entry;
      const kind = KINDS[detail.kind] ?? 'other';
      const { count, totalMs, maxMs } = this.collections.get(kind) ?? { count: 0, totalMs: 0, maxMs: 0 };
      this.collections.set(kind, {
        count: count + 1,
        totalMs: totalMs + duration,
        maxMs: Math.max(maxMs, duration),
      });
    }
  }
}

/** @returns the time, and the CPU that this thread used so far, both in ms */
function moment(): { atMs: number; cpuMs: number } {
  const { user, system } = process.threadCpuUsage();
  return { atMs: performance.now(), cpuMs: (user + system) / 1_000 };
}
