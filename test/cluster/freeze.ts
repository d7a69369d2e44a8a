import { setTimeout as delay } from 'node:timers/promises';
import { hasNoLease, ownedBy, ownersOf } from './ownership.js';
import type { Scenario } from './scenario.js';
import { awaitTakeOver, someVictim, watchArrivals } from './take-over.js';

/** After so long a load balancer sends no more calls to a node that does not answer; some are inside by then. */
const NOTICED_MS = 1_000;
/** What was written until this part of a lease is over waits at the frozen node, to be read when it goes on. */
const HEARD_SHARE = 0.5;
/** A node that goes on may not need longer to see that its lines are not its own any more. */
const CLOSE_LIMIT_MS = 30_000;

/**
 * A node stops where it is until others have its sessions, and then goes on. It finds messages on its lines, and it is not
 * told that WhatsApp has closed them: it must not confirm these messages by itself.
 */
export const freeze: Scenario = {
  summary: 'SIGSTOP of an API process until the others have its sessions, then SIGCONT',
  figures: ['take-overs too late', 'said on lines of a frozen process'],
  needsWorkers: false,
  async round(stage) {
    const { fleet, world, options, findings } = stage;
    const victim = await someVictim(stage);
    const { node } = victim;
    const arrivals = watchArrivals(stage);
    stage.fault('SIGSTOP of an API process');
    const stoppedAt = performance.now();
    node.supervisor.life!.signal('SIGSTOP');
    await delay(NOTICED_MS, undefined, { signal: stage.interrupt });
    fleet.avoided.add(node);
    await delay(options.lease * 1000 * HEARD_SHARE - NOTICED_MS, undefined, { signal: stage.interrupt });
    node.gate.cutOffLines();
    await awaitTakeOver(stage, victim, stoppedAt, arrivals.has);
    arrivals.end();
    // It may speak on the line of a number that it was about to link for as long as that lease holds.
    await stage.reach('the end of all its leases', () => hasNoLease(world.database, node.name));

    const cutOff = node.gate.openCutOff;
    findings.add('not reached', { what: 'lines that look open' }, victim.sessions.length - cutOff);
    const before = node.gate.saidOnCutOff;
    stage.gaps.during = 'hand-over to a process that goes on';
    node.supervisor.life!.signal('SIGCONT');
    const continuedAt = performance.now();
    await stage.reach('lines closed by the node', () => node.gate.openCutOff === 0, CLOSE_LIMIT_MS);
    stage.took('until it has closed its old lines', performance.now() - continuedAt);
    const bytes = node.gate.saidOnCutOff - before;
    findings.add('said on lines of a frozen process', { node: node.name, bytes }, bytes);
    fleet.avoided.delete(node);
    // It works again when it has a share of the sessions.
    await stage.reachSpread();
    stage.took('until it has its share again', performance.now() - continuedAt);
    const sessions = ownedBy(await ownersOf(world.database), node.name).length;
    findings.add('not reached', { what: 'a share of its own', node: node.name }, sessions > 0 ? 0 : 1);
  },
};
