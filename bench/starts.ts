import { setTimeout as delay } from 'node:timers/promises';
import { BuiltService, makeServiceHome } from '../test/support/built-service.js';
import type { BenchEnvironment } from './bench-environment.js';

/** How long the built service took from the start of its process until it was ready, with the embedded database; in ms. */
export interface StartFigures {
  /** In an empty folder: the database is made. */
  firstMs: number;
  /** In the folder of the first one, in order. */
  againMs: number[];
}

const POLL_MS = 5;
const READY_LIMIT_MS = 60_000;

/** Starts the built service again and again, as an operator who configured nothing. */
export async function measureStarts(bench: BenchEnvironment, starts: number): Promise<StartFigures> {
  const home = await makeServiceHome();
  let running: BuiltService | undefined;
  let isRemoved = false;
  const cleanUp = async () => {
    if (!isRemoved) {
      isRemoved = true;
      await running?.stop('SIGKILL');
      await home.remove();
    }
  };
  bench.onCleanUp(cleanUp);
  const start = async () => {
    const startedAt = performance.now();
    running = await BuiltService.start(home);
    await untilReady(running.url);
    const readyMs = performance.now() - startedAt;
    await running.stop();
    running = undefined;
    bench.say(`  ready after ${Math.round(readyMs)} ms`);
    return readyMs;
  };
  try {
    const firstMs = await start();
    const againMs: number[] = [];
    for (let turn = 0; turn < starts; turn++) {
      againMs.push(await start());
    }
    return { firstMs, againMs };
  } finally {
    await cleanUp();
  }
}

async function untilReady(url: string): Promise<void> {
  const giveUpAt = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    if (response.ok) {
      return;
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`the service is not ready: ${text}`);
    }
    await delay(POLL_MS);
  }
}
