import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  findMigrationsFolder,
  type MigrationFile,
  readMigrations,
} from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import type { SqlExecutor } from '../../src/supabase/sql-executor.js';
import { SQL_STORES } from '../support/databases.js';
import { findRelations } from './catalog.js';
import { openedInTests } from './empty-executor.js';
import { addRowsOf } from './populate.js';

const ORGANIZATION = 'org-old';

let migrations: MigrationFile[];

beforeAll(async () => {
  migrations = await readMigrations(findMigrationsFolder());
});

const openEmpty = openedInTests();

const queryOf =
  (executor: SqlExecutor) =>
  async <T>(text: string, values: unknown[] = []) => {
    const { rows } = await executor.query(text, values as (string | null)[]);
    return { rows: rows as T[] };
  };

describe.each(SQL_STORES)('a database of the release before on %s', (store) => {
  /** With a row in each table. */
  async function aDatabase() {
    const executor = await openEmpty(store);
    await migrate(executor, migrations.slice(0, 1));
    const query = queryOf(executor);
    const relations = await findRelations({ query });
    await addRowsOf({ query }, relations, ORGANIZATION);
    const columns = new Map(relations.map(({ name, columns: all }) => [name, all.map((one) => one.name)]));
    const rowsOf = async () => {
      const all: Record<string, unknown[]> = {};
      for (const [table, names] of columns) {
        const { rows } = await query<{ row: unknown }>(
          `select to_jsonb(t) as row from (select ${names.map((name) => `"${name}"`).join(', ')} from public."${table}") t order by 1`,
        );
        all[table] = rows.map(({ row }) => row);
      }
      return all;
    };
    const upgrade = () => migrate(executor, migrations);
    const call = async (name: string, p: object) =>
      (
        await query<{ answer: Record<string, unknown> }>(`select public.${name}($1::text::jsonb) as answer`, [
          JSON.stringify(p),
        ])
      ).rows[0]!.answer;
    const [instance] = (await query<{ id: string }>('select id from whatsapp_instances')).rows;
    return { query, rowsOf, upgrade, call, instanceId: instance!.id };
  }

  it('keeps its rows', async () => {
    const { rowsOf, upgrade } = await aDatabase();
    const before = await rowsOf();

    expect(await upgrade()).toEqual(migrations.slice(1).map(({ version }) => version));

    expect(Object.values(before).filter((rows) => rows.length === 0)).toEqual([]);
    expect(await rowsOf()).toEqual(before);
  });

  it('has the notes join their conversations that were written before there was a contact', async () => {
    const { query, upgrade, instanceId } = await aDatabase();
    const [person] = (
      await query<{ id: string; phone_number: string; lid: string }>('select * from contacts')
    ).rows;
    const { phone_number, lid, id } = person!;
    await query(
      `insert into notes (organization_id, instance_id, content, whatsapp_message_id, chat_key)
         select $1::text, $2::text::uuid, c.chat, 'N', c.chat from unnest($3::text::text[]) as c (chat)`,
      [ORGANIZATION, instanceId, `{${phone_number}@s.whatsapp.net,${lid}@lid,${phone_number}@lid,4@lid}`],
    );

    await upgrade();

    const { rows } = await query<{ contact_id: string | null }>(
      `select contact_id from notes where whatsapp_message_id = 'N' order by ordinal`,
    );
    expect(rows.map(({ contact_id }) => contact_id)).toEqual([id, id, null, null]);
  });

  it('takes the calls of processes of that release, which run on beside it', async () => {
    const { query, upgrade, call, instanceId } = await aDatabase();
    await upgrade();
    const organization = { organization_id: ORGANIZATION };
    const [owner, other] = [randomUUID(), randomUUID()];

    expect(
      await call('put_member', { ...organization, user_id: owner, role: 'owner', keep_owner: true }),
    ).toMatchObject({
      user_id: owner,
      role: 'owner',
    });
    await call('put_member', { ...organization, user_id: other, role: 'owner', keep_owner: true });
    expect(await call('remove_member', { ...organization, user_id: other, keep_owner: true })).toMatchObject({
      removed: true,
    });
    const [key] = (
      await query<{ id: string }>(
        `insert into api_keys (organization_id, name, prefix, key_hash, scopes)
           values ($1::text, 'x', 'auz_x', 'x', '{manage}') returning id`,
        [ORGANIZATION],
      )
    ).rows;
    const rotated = await call('rotate_api_key', {
      ...organization,
      id: key!.id,
      key_hash: 'AAAA',
      prefix: 'auz_y',
      overlap_seconds: 60,
      expires_at: null,
    });
    expect(rotated).toMatchObject({ id: expect.any(String) });
    expect(await call('revoke_api_key', { ...organization, id: key!.id })).toMatchObject({ found: true });
    const usable = await call('usable_api_keys', { ids: [rotated['id']] });
    expect(usable).toMatchObject([{ id: rotated['id'] }]);

    const held = await call('acquire_session', {
      instance_id: instanceId,
      node_id: 'old',
      lease_seconds: 60,
    });
    const sent = await call('begin_outbound', {
      ...organization,
      instance_id: instanceId,
      epoch: held['epoch'],
      numbers: ['5521988887777'],
      otherwise: { chat_jid: '5521988887777@s.whatsapp.net', phone: '5521988887777', lid: null },
      whatsapp_message_id: '3EB0',
      content: 'hello',
      content_type: 'text',
    });
    expect(sent).toMatchObject({ status: 'pending', chat_jid: '5521988887777@s.whatsapp.net' });
    await query('update inbox set state = 1 where state = 0');
    await query('delete from events');
    const inbox = await query<{ id: number }>(
      `insert into inbox (organization_id, instance_id, message_id, chat, sender, hash, encryption, body, received_at)
         select $1::text, $2::text::uuid, 'M1', '1@lid', '1@lid', 'hash of M1', 'msg', 'x', now()
         returning id`,
      [ORGANIZATION, instanceId],
    );
    const ingested = await call('ingest_inbox', {
      worker: 'old',
      booking_policy: 'one-open',
      items: [
        {
          inbox_id: inbox.rows[0]!.id,
          action: 'client',
          reason: 'client_message',
          phone: '5521988887777',
          lid: '1',
          content: 'hi',
        },
      ],
    });
    expect(ingested).toMatchObject({
      processed: 1,
      events: [{ name: 'whatsapp:message', payload: { contactId: sent['contact_id'] } }],
    });
    expect(await call('wipe_session', { instance_id: instanceId, epoch: null, deleted: true })).toBeDefined();
    expect((await query('select 1 from whatsapp_instances where deleted_at is not null')).rows).toHaveLength(
      1,
    );
  });
});
