import { randomUUID } from 'node:crypto';
import type { SupabaseClient } from '@supabase/supabase-js';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMigrationsFolder, readMigrations } from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import { openDatabase } from '../../src/supabase/open-database.js';
import type { SqlExecutor } from '../../src/supabase/sql-executor.js';
import { openTestDatabase, SQL_STORES, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { openEmptyExecutor } from './empty-executor.js';
import { CLOSED } from './exposure.js';
import { Scenario } from './scenario.js';

describe.each(SQL_STORES)('migrations on %s', (store) => {
  let executor: SqlExecutor;
  let remove: () => Promise<void> = () => Promise.resolve();

  beforeAll(async () => {
    ({ executor, remove } = await openEmptyExecutor(store));
  });
  afterAll(() => remove());

  it('applies each once, whoever starts at the same time, and records it as the Supabase CLI does', async () => {
    const migrations = await readMigrations(findMigrationsFolder());

    const applied = await Promise.all([migrate(executor, migrations), migrate(executor, migrations)]);

    expect(applied.flat().sort()).toEqual(migrations.map((one) => one.version));
    expect(await migrate(executor, migrations)).toEqual([]);
    const { rows } = await executor.query(
      'select version, name, cardinality(statements) as n from supabase_migrations.schema_migrations order by version',
    );
    expect(rows).toEqual(migrations.map(({ version, name }) => ({ version, name, n: 1 })));
  });

  it('refuses a database of a newer version', async () => {
    const migrations = await readMigrations(findMigrationsFolder());

    const older = migrate(executor, migrations.slice(0, -1));

    await expect(older).rejects.toMatchObject({
      name: 'NewerDatabaseError',
      versions: [migrations.at(-1)!.version],
    });
  });

  it('leaves nothing behind of a migration that fails', async () => {
    const migrations = await readMigrations(findMigrationsFolder());
    const broken = {
      version: '99990101000000',
      name: 'broken',
      sql: 'create table half (id int); select nonsense;',
    };

    await expect(migrate(executor, [...migrations, broken])).rejects.toThrow(
      /99990101000000_broken failed.*nonsense/,
    );
    const { rows } = await executor.query(`select to_regclass('public.half') is null as is_gone`);
    expect(rows).toEqual([{ is_gone: true }]);
    expect(await migrate(executor, migrations)).toEqual([]);
  });
});

describe.each(TEST_STORES)('the schema on %s', (store) => {
  let database: TestDatabase;
  let mine: Scenario;
  let foreign: Scenario;
  const member = randomUUID();

  beforeAll(async () => {
    database = await openTestDatabase(store);
    mine = await Scenario.create(database);
    foreign = await Scenario.create(database);
    for (const scenario of [mine, foreign]) {
      await scenario.ingest(await scenario.received({ phone: '5511', name: 'Ana' }));
      await scenario.ingest(await scenario.ownerWrote({ phone: '5511' }));
    }
    await database.sql(
      `insert into organization_members (organization_id, user_id) values ($1::text, $2::text::uuid)`,
      [mine.organizationId, member],
    );
  });
  afterAll(() => database.close());

  /** Runs a statement as a role of Supabase, and undoes it. */
  async function as(role: string, userId: string | null, statement: string) {
    const connection = database.url ? new pg.Client({ connectionString: database.url }) : undefined;
    await connection?.connect();
    const run = async (sql: (text: string) => Promise<{ rows: Record<string, unknown>[] }>) => {
      await sql('begin');
      try {
        const claims = JSON.stringify({ sub: userId, role });
        await sql(`select set_config('request.jwt.claims', '${claims}', true)`);
        await sql(`set local role ${role}`);
        return (await sql(statement)).rows;
      } finally {
        await sql('rollback');
      }
    };
    try {
      return await run((text) => connection?.query<Record<string, unknown>>(text) ?? database.sql(text));
    } finally {
      await connection?.end();
    }
  }

  const READABLE = ['contacts', 'messages', 'bookings', 'notes', 'events', 'organization_members'];

  it.each(READABLE)('shows members the %s of their organization alone', async (table) => {
    const rows = await as('authenticated', member, `select distinct organization_id from ${table}`);

    expect(rows).toEqual([{ organization_id: mine.organizationId }]);
    expect(await as('authenticated', randomUUID(), `select * from ${table}`)).toEqual([]);
  });

  it('shows members their instances without credentials', async () => {
    const rows = await as('authenticated', member, 'select id, status, has_session from whatsapp_instances');

    expect(rows).toEqual([{ id: mine.instanceId, status: 'disconnected', has_session: false }]);
    await expect(
      as('authenticated', member, 'select session_data from whatsapp_instances'),
    ).rejects.toMatchObject({ code: '42501' });
    expect(await as('authenticated', member, 'select id from organizations')).toEqual([
      { id: mine.organizationId },
    ]);
  });

  it.each(CLOSED)('shows nobody the table %s', async (table) => {
    await expect(as('authenticated', member, `select * from ${table}`)).rejects.toMatchObject({
      code: '42501',
    });
  });

  it.each([...READABLE, ...CLOSED, 'organizations', 'whatsapp_instances'])(
    'shows strangers nothing of %s',
    async (table) => {
      await expect(as('anon', null, `select * from ${table}`)).rejects.toMatchObject({ code: '42501' });
    },
  );

  it.each(['contacts', 'messages', 'bookings', 'notes', 'events', 'whatsapp_instances', 'organizations'])(
    'lets members change nothing in %s',
    async (table) => {
      await expect(as('authenticated', member, `delete from ${table}`)).rejects.toMatchObject({
        code: '42501',
      });
    },
  );

  it('has row-level security on every table, and functions that only the service may call', async () => {
    const { rows: open } = await database.sql(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity`,
    );
    const { rows: callable } = await database.sql(
      `select proname from pg_proc where pronamespace = 'public'::regnamespace and proname <> 'my_organizations'
         and (has_function_privilege('anon', oid, 'execute') or has_function_privilege('authenticated', oid, 'execute')
           or not has_function_privilege('service_role', oid, 'execute'))`,
    );

    expect(open).toEqual([]);
    expect(callable).toEqual([]);
  });

  it('lets the service role do its work', async () => {
    const rows = await as(
      'service_role',
      null,
      `select claim_inbox('{"worker": "w", "limit": 1, "lease_seconds": 1}') as r`,
    );

    expect(rows).toEqual([{ r: { rows: [], owners: [], more: false, free_in_ms: null } }]);
    expect((await as('service_role', null, 'select id from contacts')).length).toBe(2);
  });

  it('runs the SQL of the documentation', async () => {
    const run = (statement: string) => database.sql(statement.replaceAll('org_123', mine.organizationId));
    const owners = await run(`SELECT phone_number, organization_id
      FROM whatsapp_instances
      WHERE organization_id = 'org_123';`);
    expect(owners.rows).toEqual([{ phone_number: '5511900000001', organization_id: mine.organizationId }]);
    const session = await run(`SELECT id, status, session_data IS NOT NULL as has_session
      FROM whatsapp_instances
      WHERE id = '${mine.instanceId}';`);
    expect(session.rows).toEqual([{ id: mine.instanceId, status: 'disconnected', has_session: false }]);
    const health = await run(`SELECT
        id,
        instance_name,
        status,
        messages_sent_count,
        messages_received_count,
        last_connected_at,
        DATE_PART('day', NOW() - last_connected_at) as days_since_connection
      FROM whatsapp_instances
      WHERE organization_id = 'org_123';`);
    expect(health.rows).toMatchObject([
      { messages_sent_count: 0, messages_received_count: 1, days_since_connection: null },
    ]);
    const { rows: indexes } = await database.sql(
      `select indexname from pg_indexes where indexname in ('idx_messages_contact', 'idx_contacts_phone') order by 1`,
    );
    expect(indexes).toEqual([{ indexname: 'idx_contacts_phone' }, { indexname: 'idx_messages_contact' }]);
  });

  it('runs the client calls of the documentation', async () => {
    // Of the documentation, which knows nothing of our types: triggers fill what is left out.
    const client: Pick<SupabaseClient, 'from'> = database.client;
    const organizationId = foreign.organizationId;
    const owner = await client
      .from('whatsapp_instances')
      .select('phone_number')
      .eq('organization_id', organizationId)
      .single();
    expect(owner.data).toEqual({ phone_number: '5511900000001' });

    const upsert = (name: string) =>
      client
        .from('contacts')
        .upsert(
          { phone_number: '5599', name, organization_id: organizationId },
          { onConflict: 'phone_number,organization_id' },
        )
        .select()
        .single<{ id: string; name: string; name_source: string }>();
    const { data: contact } = await upsert('Bia');
    expect(contact).toMatchObject({ name: 'Bia', name_source: 'push' });
    expect((await upsert('Unknown')).data).toEqual({ ...contact, updated_at: expect.any(String) as string });

    const message = await client.from('messages').insert({
      contact_id: contact!.id,
      instance_id: foreign.instanceId,
      direction: 'inbound',
      content: 'hello',
      whatsapp_message_id: 'ABC',
    });
    expect(message).toMatchObject({ error: null, status: 201 });
    const stored = await foreign.messages.listMessages(organizationId, { contactId: contact!.id, limit: 5 });
    expect(stored.items).toMatchObject([{ organizationId, content: 'hello', status: 'received' }]);

    const booking = await client.from('bookings').insert({
      contact_id: contact!.id,
      organization_id: organizationId,
      status: 'pending',
      source: 'whatsapp',
    });
    expect(booking).toMatchObject({ error: null, status: 201 });
    const missing = await client.from('contacts').select('id').eq('phone_number', '1').maybeSingle();
    expect(missing).toMatchObject({ data: null, error: null });
    expect((await client.from('contacts').select('id').single()).error).toMatchObject({ code: 'PGRST116' });
  });

  it('refuses rows that join two organizations', async () => {
    const [contact] = await foreign.allContacts();
    const client: Pick<SupabaseClient, 'from'> = database.client;
    const insert = await client.from('messages').insert({
      contact_id: contact!.id,
      instance_id: mine.instanceId,
      direction: 'inbound',
      content: 'x',
    });

    expect(insert.error).toMatchObject({ code: '23503' });
  });
});

describe('a database that can not be reached', () => {
  it('says so, as a database that is not available', async () => {
    const opening = openDatabase({
      store: { kind: 'postgres', connectionString: 'postgres://x@127.0.0.1:1/x' },
    });

    await expect(opening).rejects.toThrow(/DATABASE_URL can't be reached: .*ECONNREFUSED/);
  });
});
