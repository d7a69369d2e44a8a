import { describe, expect, it } from 'vitest';
import { PlainBody } from '../common/plain-body.js';
import type { DatabaseClient } from '../supabase/supabase-client.js';
import type { NewInboxRow } from './session-batch.js';
import { SessionStoreRepository } from './session-store.repository.js';

const row: NewInboxRow = {
  instanceId: 'front-desk',
  messageId: 'm1',
  chat: '77@lid',
  sender: '77@lid',
  hash: 'h1',
  attrs: { id: 'm1', from: '77@lid' },
  encryption: 'msg',
  body: Buffer.from('sealed'),
  plain: new PlainBody(Buffer.from('meet me at five')),
  account: { phone: '5511999887766' },
  receivedAt: new Date(),
};
const batch = {
  writer: 'w',
  seq: 1,
  epochs: [],
  credentials: [],
  upserts: [],
  deletes: [],
  wantsInbox: true,
};

/** Commits a message, as a database answers that says which rows are new. */
async function commit(inbox: NewInboxRow[], isEncoded = false) {
  const sent: unknown[] = [];
  const data = { result: 'committed', inbox: [[1, 'org', 'front-desk', 'h1']], owners: [] };
  const rpc = (name: string, args: unknown) => {
    sent.push(name, args);
    return Promise.resolve({ data, error: null, status: 200 });
  };
  const repository = new SessionStoreRepository({ rpc } as unknown as DatabaseClient);
  const { received } = await repository.commitBatch({ ...batch, inbox, isEncoded });
  return { received, sent: JSON.stringify(sent) };
}

describe('SessionStoreRepository', () => {
  it.each([false, true])(
    'writes a body sealed, and hands it back in clear (encoded: %s)',
    async (isEncoded) => {
      const { received, sent } = await commit([row], isEncoded);
      const inClear = await commit([{ ...row, plain: null }], isEncoded);

      expect(received!.rows[0]!.body).toBe(row.plain);
      // What is sent does not depend on it.
      expect(sent).toBe(inClear.sent);
      expect(inClear.received!.rows[0]!.body).toEqual(row.body);
    },
  );
});
