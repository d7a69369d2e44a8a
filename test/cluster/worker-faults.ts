import type { Worker } from './fleet.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';

/** Workers die, Redis forgets everything, and Redis is away for a moment; in an order by chance. */
export const workerFaults: Scenario = {
  summary: 'SIGKILL of workers, FLUSHALL, and a restart and a crash of Redis',
  figures: ['events not told', 'events told twice', 'events told out of order'],
  needsWorkers: true,
  async round(stage) {
    await stage.reachSpread();
    const left = [
      ...stage.fleet.workers.map((worker) => () => killed(stage, worker)),
      () => emptied(stage),
      () => away(stage, 'SIGTERM', 'restart of Redis'),
      () => away(stage, 'SIGKILL', 'SIGKILL of Redis'),
    ];
    while (left.length > 0) {
      await stage.pause(200, 3_000);
      const [next] = left.splice(stage.random.integer(0, left.length - 1), 1);
      await next!();
    }
    for (const { supervisor } of stage.fleet.workers) {
      await supervisor.up(stage.interrupt);
    }
  },
};

async function killed(stage: Stage, { name, supervisor }: Worker): Promise<void> {
  await supervisor.up(stage.interrupt);
  stage.fault('SIGKILL of a worker');
  await supervisor.kill();
  await stage.acknowledgements.check(`the kill of ${name}`);
  await stage.pause(0, 2_000);
  supervisor.start();
}

async function emptied(stage: Stage): Promise<void> {
  stage.fault('FLUSHALL');
  await stage.redis!.flush();
}

async function away(stage: Stage, signal: 'SIGTERM' | 'SIGKILL', kind: string): Promise<void> {
  stage.fault(kind);
  await stage.redis!.kill(signal);
  await stage.pause(0, 3_000);
  await stage.redis!.resume();
}
