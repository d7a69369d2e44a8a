import type { Worker } from './cluster-processes.js';
import type { Scenario } from './scenario.js';
import type { ScenarioContext } from './scenario-context.js';

const STOP_LIMIT_MS = 60_000;
const READY_LIMIT_MS = 60_000;

/** A deployment: each process ends in peace, and the next one does not before its successor is ready. */
export const rollingRestart: Scenario = {
  summary: 'SIGTERM of each process, one after the other; the next when it is ready again',
  figures: ['stops that failed'],
  needsWorkers: false,
  async round(context) {
    await context.reachSpread();
    for (const each of context.processes.all) {
      await context.pause(200, 1_500);
      await restart(context, each);
    }
    await context.reachSpread();
  },
};

async function restart(context: ScenarioContext, { name, supervisor }: Worker): Promise<void> {
  context.fault('SIGTERM and start');
  const startedAt = performance.now();
  const outcome = await supervisor.stop(STOP_LIMIT_MS);
  context.took('from SIGTERM to the end', performance.now() - startedAt);
  context.findings.add('stops that failed', { name, outcome }, outcome === 0 ? 0 : 1);
  await context.acknowledgements.check(`the end of ${name}`);
  supervisor.start();
  await supervisor.up(context.interrupt);
  await context.reach('ready', () => isReady(supervisor.url), READY_LIMIT_MS);
  context.took('from SIGTERM until ready again', performance.now() - startedAt);
}

/** A process without an address is ready when it says so, which it has. */
async function isReady(url: string | undefined): Promise<boolean> {
  if (url === undefined) {
    return true;
  }
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  return answer?.ok === true;
}
