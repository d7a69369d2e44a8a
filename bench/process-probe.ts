import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** CPU that the process used so far and when that was read, both in ms. */
export interface CpuReading {
  cpuMs: number;
  atMs: number;
}

/** Memory after garbage collections, in bytes. */
export interface MemoryReading {
  rss: number;
  /** JavaScript heap and the buffers outside it. */
  heap: number;
}

/** What was seen of a process for a while. */
export interface WatchReading {
  /** The most that was resident, in bytes. */
  rss: number;
  /** How late its timers were, in ms. */
  lateP99: number;
  lateMax: number;
}

const RSS_INTERVAL_MS = 20;
const LOOP_RESOLUTION_MS = 5;

/** Handlers with which every measured process looks at itself. */
export function processProbe() {
  let profiler: Session | undefined;
  let watch: NodeJS.Timeout | undefined;
  let mostRss = 0;
  let loop: ReturnType<typeof monitorEventLoopDelay> | undefined;
  return {
    cpu: (): CpuReading => {
      const { user, system } = process.cpuUsage();
      return { cpuMs: (user + system) / 1000, atMs: performance.now() };
    },
    memory: async (): Promise<MemoryReading> => {
      for (let pass = 0; pass < 4; pass++) {
        globalThis.gc?.();
        await delay(100);
      }
      const { rss, heapUsed, external } = process.memoryUsage();
      return { rss, heap: heapUsed + external };
    },
    peakRss: readPeakRss,
    startWatching: (): void => {
      loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
      loop.enable();
      mostRss = process.memoryUsage.rss();
      watch = setInterval(() => (mostRss = Math.max(mostRss, process.memoryUsage.rss())), RSS_INTERVAL_MS);
    },
    stopWatching: (): WatchReading => {
      clearInterval(watch);
      loop?.disable();
      const lateMs = (nanoseconds = 0) => Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION_MS);
      return {
        rss: Math.max(mostRss, process.memoryUsage.rss()),
        lateP99: lateMs(loop?.percentile(99)),
        lateMax: lateMs(loop?.max),
      };
    },
    timers: (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    startProfile: async (): Promise<void> => {
      profiler = new Session();
      profiler.connect();
      await profiler.post('Profiler.enable');
      await profiler.post('Profiler.setSamplingInterval', { interval: 500 });
      await profiler.post('Profiler.start');
    },
    stopProfile: async (path: string): Promise<void> => {
      const stopped = await profiler?.post('Profiler.stop');
      profiler?.disconnect();
      await writeFile(path, JSON.stringify(stopped?.profile));
    },
  };
}

/**
 * @returns the most that was resident so far, in bytes. Linux hands the peak of the process that forks on to the child's
 *   `maxRSS`; what the kernel says of this program alone is not touched by that.
 */
function readPeakRss(): number {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== 'linux') {
    return maxRSS * 1024;
  }
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(peak ?? maxRSS) * 1024;
}
