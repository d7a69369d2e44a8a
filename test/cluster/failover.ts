import type { Scenario } from './scenario.js';
import { awaitTakeOver, someVictim, watchArrivals } from './take-over.js';

/** The node that owns its share of the sessions dies, and comes back when the others own them. */
export const failover: Scenario = {
  summary: 'SIGKILL of an API process; the others take its sessions over',
  figures: ['take-overs too late'],
  needsWorkers: false,
  async round(context) {
    const victim = await someVictim(context);
    const { name, supervisor } = victim.node;
    const arrivals = watchArrivals(context);
    context.fault('SIGKILL of an API process');
    const stoppedAt = performance.now();
    await supervisor.kill();
    await context.acknowledgements.check(`the kill of ${name}`);
    await awaitTakeOver(context, victim, stoppedAt, arrivals.has);
    arrivals.end();
    // A new kind: moves to the one that comes back are not failures.
    context.gaps.during = 'hand-over to a process that joins';
    supervisor.start();
    await supervisor.up(context.interrupt);
    await context.reachSpread();
  },
};
