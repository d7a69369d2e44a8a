import { BufferJSON } from '@whiskeysockets/baileys';
import { DataKeys } from '../../src/common/data-keys.js';
import { SecretBox } from '../../src/common/secret-box.js';
import type { Canaries } from '../support/canaries.js';

type Sql = <Row extends Record<string, unknown>>(text: string) => Promise<Row[]>;

const KEY_BYTES = 32;
/** There are dozens, all made alike. */
const MAX_PRE_KEYS = 5;

interface DataKey extends Record<string, unknown> {
  owner: string;
  purpose: 'session' | 'inbox' | 'organization';
  wrapped: Buffer;
}

/**
 * Opens what is stored sealed, as only the service can.
 * @param masterKey the key of `SESSION_ENCRYPTION_KEY`
 * @returns keys of WhatsApp sessions, and the keys that they are sealed with
 */
export async function secretsOfSessions(sql: Sql, masterKey: Buffer): Promise<Canaries> {
  const box = new SecretBox([masterKey]);
  const dataKeys = await sql<DataKey>(
    'select coalesce(instance_id::text, organization_id) as owner, purpose, wrapped from data_keys',
  );
  const credentials = await sql<{ id: string; session_data: Buffer }>(
    'select id, session_data from whatsapp_instances where session_data is not null',
  );
  const keys = await sql<{ instance_id: string; key_type: string; key_id: string; value: Buffer }>(
    `select instance_id, key_type, key_id, value from (
       select *, row_number() over (partition by instance_id, key_type order by key_id) as place
       from whatsapp_session_keys) k
     where key_type <> 'pre-key' or place <= ${MAX_PRE_KEYS}`,
  );
  const open = (id: string, value: Buffer, context: string[]): unknown => {
    const stored = dataKeys.filter(({ owner, purpose }) => owner === id && purpose === 'session');
    const opener = DataKeys.unwrap(
      box,
      { id, purpose: 'session' },
      stored.map(({ wrapped }) => ({ wrapped, keyId: Buffer.alloc(4), isCurrent: true })),
    );
    return JSON.parse(opener.open(value, [id, ...context]).toString(), BufferJSON.reviver);
  };
  return {
    'credentials of sessions': credentials.flatMap(({ id, session_data }) =>
      keysIn(open(id, session_data, ['creds'])),
    ),
    'Signal keys': keys.flatMap(({ instance_id, key_type, key_id, value }) =>
      keysIn(open(instance_id, value, [key_type, key_id])),
    ),
    'data keys': dataKeys.map(({ owner, purpose, wrapped }) =>
      box.open(wrapped, [owner, 'data key', purpose]),
    ),
  };
}

/** All keys in a value, be they bytes or base64. */
function keysIn(value: unknown): Uint8Array[] {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'base64');
    return bytes.length === KEY_BYTES && bytes.toString('base64') === value ? [bytes] : [];
  }
  if (value instanceof Uint8Array) {
    return value.length === KEY_BYTES ? [value] : [];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(keysIn) : [];
}
