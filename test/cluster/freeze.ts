import { setTimeout as delay } from 'node:timers/promises';
import { hasNoLease, ownedBy, ownersOf } from './ownership.js';
import type { Scenario } from './scenario.js';
import { awaitTakeOver, someVictim, watchArrivals } from './take-over.js';

/** After so long a load balancer sends no more calls to a node that does not answer; some are inside by then. */
const NOTICED_MS = 1_000;
/** What was written until this part of a lease is over waits at the frozen node, to be read when it goes on. */
const HEARD_SHARE = 0.5;
/** A node that goes on may not need longer to see that its connections are not its own any more. */
const CLOSE_LIMIT_MS = 30_000;

/**
 * A node stops where it is until others have its sessions, and then goes on. It finds messages on its connections, and it is not
 * told that WhatsApp has closed them: it must not confirm these messages by itself.
 */
export const freeze: Scenario = {
  summary: 'SIGSTOP of an API process until the others have its sessions, then SIGCONT',
  figures: ['take-overs too late', 'said on lines of a frozen process'],
  needsWorkers: false,
  async round(context) {
    const { processes, harness, options, findings } = context;
    const victim = await someVictim(context);
    const { node } = victim;
    const arrivals = watchArrivals(context);
    context.fault('SIGSTOP of an API process');
    const stoppedAt = performance.now();
    node.supervisor.current!.signal('SIGSTOP');
    await delay(NOTICED_MS, undefined, { signal: context.interrupt });
    processes.avoided.add(node);
    await delay(options.lease * 1000 * HEARD_SHARE - NOTICED_MS, undefined, { signal: context.interrupt });
    node.proxy.cutOffConnections();
    await awaitTakeOver(context, victim, stoppedAt, arrivals.has);
    arrivals.end();
    // It may speak on the connection of a number that it was about to link for as long as that lease holds.
    await context.reach('the end of all its leases', () => hasNoLease(harness.database, node.name));
    // One of a number that was deleted meanwhile has no row any more that tells of it.
    const untilEnded = stoppedAt + options.lease * 1000 - performance.now();
    await delay(Math.max(untilEnded, 0), undefined, { signal: context.interrupt });

    const cutOff = node.proxy.openCutOff;
    findings.add('not reached', { what: 'lines that look open' }, victim.sessions.length - cutOff);
    const before = node.proxy.saidOnCutOff;
    context.gaps.during = 'hand-over to a process that goes on';
    node.supervisor.current!.signal('SIGCONT');
    const continuedAt = performance.now();
    await context.reach('lines closed by the node', () => node.proxy.openCutOff === 0, CLOSE_LIMIT_MS);
    context.took('until it has closed its old lines', performance.now() - continuedAt);
    const bytes = node.proxy.saidOnCutOff - before;
    findings.add('said on lines of a frozen process', { node: node.name, bytes }, bytes);
    processes.avoided.delete(node);
    // It works again when it has a share of the sessions.
    await context.reachSpread();
    context.took('until it has its share again', performance.now() - continuedAt);
    const sessions = ownedBy(await ownersOf(harness.database), node.name).length;
    findings.add('not reached', { what: 'a share of its own', node: node.name }, sessions > 0 ? 0 : 1);
  },
};
