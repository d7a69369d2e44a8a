import { monitorEventLoopDelay } from 'node:perf_hooks';

/** @returns what the work gives, and how late this process's own timers were meanwhile (p95, in ms) */
export async function withEventLoopDelay<T>(
  work: () => Promise<T>,
): Promise<{ figures: T; lateP95: number }> {
  const resolution = 5;
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  const figures = await work();
  histogram.disable();
  return { figures, lateP95: Math.max(0, histogram.percentile(95) / 1e6 - resolution) };
}
