import type { ChaosDatabase } from '../chaos/database.js';

/** Who runs which session: the node of each instance whose lease holds and that has a session. */
export async function ownersOf(database: ChaosDatabase): Promise<Map<string, string>> {
  const rows = await database.query<{ id: string; lease_owner: string }>(
    `select id::text, lease_owner from whatsapp_instances
      where deleted_at is null and session_data is not null and lease_owner is not null and lease_expires_at > now()`,
  );
  return new Map(rows.map(({ id, lease_owner }) => [id, lease_owner]));
}

/** @returns the ids of the sessions of a node */
export function ownedBy(owners: ReadonlyMap<string, string>, node: string): string[] {
  return [...owners].filter(([, owner]) => owner === node).map(([id]) => id);
}

/**
 * @param count of sessions that should run
 * @returns whether all of them run, and no node has more than its share
 */
export function isSpread(
  owners: ReadonlyMap<string, string>,
  nodes: readonly string[],
  count: number,
): boolean {
  const share = Math.ceil(count / nodes.length);
  return owners.size === count && nodes.every((node) => ownedBy(owners, node).length <= share);
}

/** @returns whether every lease of a node is over, those of numbers that are not linked included */
export async function hasNoLease(database: ChaosDatabase, node: string): Promise<boolean> {
  const rows = await database.query<{ owner: string }>(
    `select lease_owner as owner from whatsapp_instances where lease_owner is not null and lease_expires_at > now()`,
  );
  return rows.every(({ owner }) => owner !== node);
}
