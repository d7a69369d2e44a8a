import type { Node } from './fleet.js';
import { ownedBy, ownersOf } from './ownership.js';
import type { Stage } from './stage.js';

/** From the end of a lease on, the others may need so long. */
const SLACK_MS = 15_000;

/** A node that stops working, for whatever reason, and the sessions that it had. */
export interface Victim {
  node: Node;
  /** Ids of instances. */
  sessions: string[];
}

/** Chooses a node by chance, at a moment by chance. */
export async function someVictim(stage: Stage): Promise<Victim> {
  const { fleet, random, world } = stage;
  await stage.reachSpread();
  await stage.pause(500, 2_500);
  const node = random.pick(fleet.nodes);
  return { node, sessions: ownedBy(await ownersOf(world.database), node.name) };
}

/**
 * Waits until others own all sessions of the victim, and until these are on line again, and notes how long both took.
 * @param stoppedAt when the victim stopped, as `performance.now()`
 * @param isOnLine whether a session has come on line again since
 */
export async function awaitTakeOver(
  stage: Stage,
  { node, sessions }: Victim,
  stoppedAt: number,
  isOnLine: (instanceId: string) => boolean,
): Promise<void> {
  const { world, options, findings } = stage;
  await stage.reach('owned by others', async () => {
    const owners = await ownersOf(world.database);
    return sessions.every((id) => owners.has(id) && owners.get(id) !== node.name);
  });
  const ownedMs = performance.now() - stoppedAt;
  stage.took('until others own all its sessions', ownedMs);
  await stage.reach('on line at others', () => sessions.every(isOnLine));
  stage.took('until all its sessions are on line again', performance.now() - stoppedAt);
  const limitMs = options.lease * 1000 + SLACK_MS;
  findings.add('take-overs too late', { node: node.name, ownedMs, limitMs }, ownedMs > limitMs ? 1 : 0);
  stage.progress(
    `${sessions.length} sessions of ${node.name}: owned by others after ${(ownedMs / 1000).toFixed(1)} s`,
  );
}

/** Watches which sessions come on line from now on. */
export function watchArrivals({ world, town }: Stage): {
  has: (instanceId: string) => boolean;
  end: () => void;
} {
  const arrived = new Set<string>();
  const note = ({ phone }: { phone: string }) => {
    const line = town.lines.find(({ owner }) => owner.number === phone);
    arrived.add(line?.id ?? '');
  };
  world.simulator.on('device.connected', note);
  return { has: (id) => arrived.has(id), end: () => world.simulator.off('device.connected', note) };
}
