import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

/** What kept a process from its work, in ms. */
export interface Pauses {
  /** How late timers were. */
  loop: { p50: number; p99: number; max: number };
  /** Garbage collections by kind. */
  collections: { kind: string; count: number; totalMs: number; maxMs: number }[];
}

const RESOLUTION_MS = 1;
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
  private readonly observer = new PerformanceObserver((list) => this.note(list.getEntries()));

  constructor() {
    this.loop.enable();
    this.observer.observe({ entryTypes: ['gc'] });
  }

  stop(): Pauses {
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
      collections: [...this.collections].map(([kind, figures]) => ({ kind, ...figures })),
    };
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
