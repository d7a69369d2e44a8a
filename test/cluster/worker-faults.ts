import type { Worker } from './cluster-processes.js';
import type { Scenario } from './scenario.js';
import type { ScenarioContext } from './scenario-context.js';

/** Workers die, Redis forgets everything, and Redis is away for a moment; in an order by chance. */
export const workerFaults: Scenario = {
  summary: 'SIGKILL of workers, FLUSHALL, and a restart and a crash of Redis',
  figures: ['events not told', 'events told twice', 'events told out of order'],
  needsWorkers: true,
  async round(context) {
    await context.reachSpread();
    const left = [
      ...context.processes.workers.map((worker) => () => killed(context, worker)),
      () => emptied(context),
      () => away(context, 'SIGTERM', 'restart of Redis'),
      () => away(context, 'SIGKILL', 'SIGKILL of Redis'),
    ];
    while (left.length > 0) {
      await context.pause(200, 3_000);
      const [next] = left.splice(context.random.integer(0, left.length - 1), 1);
      await next!();
    }
    for (const { supervisor } of context.processes.workers) {
      await supervisor.up(context.interrupt);
    }
  },
};

async function killed(context: ScenarioContext, { name, supervisor }: Worker): Promise<void> {
  await supervisor.up(context.interrupt);
  context.fault('SIGKILL of a worker');
  await supervisor.kill();
  await context.acknowledgements.check(`the kill of ${name}`);
  await context.pause(0, 2_000);
  supervisor.start();
}

async function emptied(context: ScenarioContext): Promise<void> {
  context.fault('FLUSHALL');
  await context.redis!.flush();
}

async function away(context: ScenarioContext, signal: 'SIGTERM' | 'SIGKILL', kind: string): Promise<void> {
  context.fault(kind);
  await context.redis!.kill(signal);
  await context.pause(0, 3_000);
  await context.redis!.resume();
}
