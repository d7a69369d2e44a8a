import type { Node } from './cluster-processes.js';
import { ownedBy, ownersOf } from './ownership.js';
import type { ScenarioContext } from './scenario-context.js';

/** From the end of a lease on, the others may need so long. */
const SLACK_MS = 15_000;

/** A node that stops working, for whatever reason, and the sessions that it had. */
export interface Victim {
  node: Node;
  /** Ids of instances. */
  sessions: string[];
}

/** Chooses a node by chance, at a moment by chance. */
export async function someVictim(context: ScenarioContext): Promise<Victim> {
  const { processes, random, harness } = context;
  await context.reachSpread();
  await context.pause(500, 2_500);
  const node = random.pick(processes.nodes);
  return { node, sessions: ownedBy(await ownersOf(harness.database), node.name) };
}

/**
 * Waits until others own all sessions of the victim, and until these are on line again, and notes how long both took.
 * @param stoppedAt when the victim stopped, as `performance.now()`
 * @param isOnLine whether a session has come on line again since
 */
export async function awaitTakeOver(
  context: ScenarioContext,
  { node, sessions }: Victim,
  stoppedAt: number,
  isOnLine: (instanceId: string) => boolean,
): Promise<void> {
  const { harness, options, findings } = context;
  await context.reach('owned by others', async () => {
    const owners = await ownersOf(harness.database);
    return sessions.every((id) => owners.has(id) && owners.get(id) !== node.name);
  });
  const ownedMs = performance.now() - stoppedAt;
  context.took('until others own all its sessions', ownedMs);
  await context.reach('on line at others', () => sessions.every(isOnLine));
  context.took('until all its sessions are on line again', performance.now() - stoppedAt);
  const limitMs = options.lease * 1000 + SLACK_MS;
  findings.add('take-overs too late', { node: node.name, ownedMs, limitMs }, ownedMs > limitMs ? 1 : 0);
  context.progress(
    `${sessions.length} sessions of ${node.name}: owned by others after ${(ownedMs / 1000).toFixed(1)} s`,
  );
}

/** Watches which sessions come on line from now on. */
export function watchArrivals({ harness, population }: ScenarioContext): {
  has: (instanceId: string) => boolean;
  end: () => void;
} {
  const arrived = new Set<string>();
  const note = ({ phone }: { phone: string }) => {
    const linkedNumber = population.linkedNumbers.find(({ owner }) => owner.number === phone);
    arrived.add(linkedNumber?.id ?? '');
  };
  harness.simulator.on('device.connected', note);
  return { has: (id) => arrived.has(id), end: () => harness.simulator.off('device.connected', note) };
}
