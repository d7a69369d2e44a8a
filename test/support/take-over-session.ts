import type { AcquiredSession } from '../../src/repositories/session-batch.js';
import type { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';

/** Takes a session over as another node does when the holder's lease is over. */
export async function takeOverSession(
  database: Pick<OpenDatabase, 'sql'>,
  store: SessionStoreRepository,
  instanceId: string,
  nodeId: string,
): Promise<AcquiredSession> {
  const expire = 'update whatsapp_instances set lease_expires_at = now() where id = $1::text::uuid';
  await database.sql(expire, [instanceId]);
  const acquired = await store.acquireSession(instanceId, nodeId, 15);
  if (!acquired || 'heldBy' in acquired) {
    throw new Error(`not taken over: ${JSON.stringify(acquired)}`);
  }
  return acquired;
}
