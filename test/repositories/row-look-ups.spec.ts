import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/supabase/open-database.js';
import type { SqlRunner } from '../../src/supabase/sql-executor.js';
import { createEmptyDatabase, SQL_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

/** Of other organizations; they come when all plans are made. */
const OTHERS = 400;
/** A message is about one instance, which is looked up a few times. */
const FEW = 20;

// The plans of one connection; behind a pooler there is no such thing.
const STORES = SQL_STORES.filter((store) => store.startsWith('postgres'));

describe.skipIf(STORES.length === 0).each(STORES)('what a message takes, on %s', (store) => {
  let database: TestDatabase;
  let drop: () => Promise<void>;
  let scenario: Scenario;

  beforeAll(async () => {
    const empty = await createEmptyDatabase(store);
    drop = empty.drop;
    const opened = await openDatabase({
      store: { kind: 'postgres', connectionString: empty.url },
      poolSize: 1,
    });
    database = { ...opened, store, url: empty.url };
    scenario = await Scenario.create(database);
  });
  afterAll(async () => {
    await database.close();
    await drop();
  });

  /** @returns by table how many rows a call of the function read, by index or not */
  async function rowsReadBy(name: string, p: object): Promise<Record<string, number>> {
    return database.transaction(async (runner) => {
      const before = await rowsRead(runner);
      await runner.query(`select public.${name}($1::text::jsonb)`, [JSON.stringify(p)]);
      const after = await rowsRead(runner);
      return Object.fromEntries(
        Object.entries(after).map(([table, read]) => [table, read - (before[table] ?? 0)]),
      );
    });
  }

  const writer = randomUUID();
  let seq = 0;
  const batchOf = () => {
    seq += 1;
    const { instanceId, epoch } = scenario;
    const row = scenario.row();
    return {
      writer,
      seq,
      epochs: [[instanceId, epoch]],
      creds: [[instanceId, 'c2VhbGVk', null, null]],
      upserts: [[instanceId, 'session', '1.0', 'c2VhbGVk']],
      deletes: [[instanceId, 'pre-key', '1']],
      inbox: [
        {
          instance_id: instanceId,
          message_id: row.messageId,
          chat: row.chat,
          sender: row.sender,
          hash: row.hash,
          attrs: row.attrs,
          encryption: 'msg',
          body: 'c2VhbGVk',
          received_at: row.receivedAt.toISOString(),
        },
      ],
      wants_inbox: true,
    };
  };
  const claim = { worker: 'w', limit: 500, lease_seconds: 60 };

  it('reads the rows that it is about, however many others came since its plans were made', async () => {
    await rowsReadBy('commit_session_batch', batchOf());
    await rowsReadBy('claim_inbox', claim);
    await database.sql(
      `insert into organizations (id) select 'other_' || n from generate_series(1, ${OTHERS}) n`,
    );
    await database.sql(
      `insert into whatsapp_instances (organization_id, instance_name)
        select 'other_' || n, 'n' from generate_series(1, ${OTHERS}) n`,
    );
    await database.sql(
      `insert into whatsapp_session_keys (instance_id, key_type, key_id, value)
        select id, 'pre-key', '1', 'sealed' from whatsapp_instances where organization_id like 'other_%'`,
    );

    const committed = await rowsReadBy('commit_session_batch', batchOf());
    expect(committed).toMatchObject({ whatsapp_instances: expect.any(Number) as number });
    expect(Object.entries(committed).filter(([, read]) => read > FEW)).toEqual([]);
    const claimed = await rowsReadBy('claim_inbox', claim);
    expect(Object.entries(claimed).filter(([, read]) => read > FEW)).toEqual([]);
  });
});

/** What the connection has read and not told yet, which it does between transactions. */
async function rowsRead(runner: Pick<SqlRunner, 'query'>): Promise<Record<string, number>> {
  const { rows } = await runner.query(
    `select relname as name, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as read
      from pg_catalog.pg_stat_xact_user_tables where schemaname = 'public'`,
  );
  return Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['read'])]));
}
