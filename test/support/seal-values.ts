import { randomUUID } from 'node:crypto';
import { SecretBox } from '../../src/common/secret-box.js';

type Sql = (text: string, params: string[]) => Promise<unknown>;

/**
 * Stores values of an instance as they were before there were data keys: sealed by a key of `SESSION_ENCRYPTION_KEY` itself.
 *
 * @param sql runs a statement with text parameters
 * @param bodies texts of received messages, routed long ago
 */
export async function storeSealed(
  sql: Sql,
  key: Uint8Array,
  { instanceId, keys, bodies }: { instanceId: string; keys: number; bodies: readonly string[] },
): Promise<void> {
  const box = new SecretBox([key]);
  const seal = (text: string, context: string[]) =>
    box.seal(Buffer.from(text), [instanceId, ...context]).toString('base64');
  const keyRows = Array.from({ length: keys }, (_, index) => {
    const id = `stored-${index}`;
    return [id, seal(id, ['sender-key', id])];
  });
  await sql(
    `insert into whatsapp_session_keys (instance_id, key_type, key_id, value)
       select $1::text::uuid, 'sender-key', e ->> 0, decode(e ->> 1, 'base64') from json_array_elements($2::text::json) e`,
    [instanceId, JSON.stringify(keyRows)],
  );
  const bodyRows = bodies.map((body) => {
    const hash = randomUUID();
    return [hash, seal(body, ['inbox', hash])];
  });
  await sql(
    `insert into inbox (organization_id, instance_id, message_id, chat, sender, hash, body, state)
       select i.organization_id, i.id, e ->> 0, 'stored', 'stored', e ->> 0, decode(e ->> 1, 'base64'), 1
       from whatsapp_instances i, json_array_elements($2::text::json) e where i.id = $1::text::uuid`,
    [instanceId, JSON.stringify(bodyRows)],
  );
}
