import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MOVED_TABLES } from '../../src/supabase/move/moved-tables.js';
import { type OpenDatabase, openDatabase } from '../../src/supabase/open-database.js';
import { makeProjectDatabase } from '../support/hosted/project-database.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';
import { ensureProgram } from '../support/system-package.js';
import { findRelations } from './catalog.js';
import { addRowsOf } from './populate.js';

const run = promisify(execFile);

let folder: string;
let server: TestPostgres;
let plain: string;
let project: string;

const urlOf = (name: string, user: string) => {
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  url.username = user;
  return url.href;
};

async function as<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  await ensureProgram({
    command: ['pg_dump', '--version'],
    debian: 'postgresql-client',
    elsewhere: 'brew install libpq',
  });
  folder = await mkdtemp(join(tmpdir(), 'auzap-dump-'));
  // Not newer than any pg_dump that is to be had.
  server = await startTestPostgres(undefined, undefined, { version: 15 });
  await as(server.url, async (client) => {
    // As in a project: `postgres` owns the database, and is no superuser.
    await client.query('create role supabase_admin superuser login');
  });
  const admin = urlOf('postgres', 'supabase_admin');
  await as(admin, async (client) => {
    await client.query('alter role postgres rename to first_superuser');
    await client.query('create role app login createrole');
    await client.query('create database plain owner app');
  });
  ({ ownerUrl: project } = await makeProjectDatabase(admin, 'old', 'project'));
  plain = urlOf('plain', 'app');
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const open = (url: string) => openDatabase({ store: { kind: 'postgres', connectionString: url } });

async function contentsOf({ sql }: OpenDatabase): Promise<Record<string, string[]>> {
  const contents: Record<string, string[]> = {};
  for (const { name } of MOVED_TABLES) {
    const { rows } = await sql(`select to_jsonb(t)::text as row from ${name} t order by 1`);
    contents[name] = rows.map((row) => String(row['row']));
  }
  return contents;
}

/** Runs what the documentation says. */
async function dumpAndRestore(from: string, to: string): Promise<void> {
  const text = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const [, script = ''] = /### Dump and restore[\s\S]*?```bash\n([\s\S]*?)```/.exec(text) ?? [];
  await run('bash', ['-euc', script], {
    cwd: folder,
    env: { PATH: process.env['PATH'], OLD: from, NEW: to },
    timeout: 120_000,
  });
}

it('goes from a plain Postgres to a Supabase project and back, with the commands of the documentation', async () => {
  const old = await open(plain);
  await as(plain, async (client) => {
    const relations = await findRelations(client);
    for (const organizationId of ['org-a', 'org-b', 'org-closed']) {
      await addRowsOf(client, relations, organizationId);
    }
    await client.query('delete from data_moves');
    await client.query(`update organizations set closed_at = now() where id = 'org-closed'`);
    await client.query(
      `update api_keys a set replaced_by = b.id from api_keys b where b.organization_id = 'org-b' and a.organization_id <> 'org-b'`,
    );
  });
  const before = await contentsOf(old);
  expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
  const last = await old.sql('select max(ordinal) as ordinal from messages');
  await old.close();

  await (await open(project)).close();
  await dumpAndRestore(plain, project);

  const there = await open(project);
  expect(there.migrated).toEqual([]);
  expect(await contentsOf(there)).toEqual(before);
  const next = await there.sql(
    `insert into messages (instance_id, organization_id, direction, content)
       select id, organization_id, 'inbound', 'next' from whatsapp_instances where organization_id = 'org-a'
       returning ordinal`,
  );
  expect(Number(next.rows[0]!['ordinal'])).toBe(Number(last.rows[0]!['ordinal']) + 1);
  // Rules for new rows hold.
  await expect(
    there.sql(
      `insert into organization_members (organization_id, user_id) values ('org-closed', gen_random_uuid())`,
    ),
  ).rejects.toMatchObject({ code: expect.stringMatching(/^AZ/) as string });
  const after = await contentsOf(there);
  await there.close();

  await as(urlOf('postgres', 'supabase_admin'), async (client) => {
    await client.query('drop database plain with (force)');
    await client.query('create database plain owner app');
  });
  await (await open(plain)).close();
  await dumpAndRestore(project, plain);

  const back = await open(plain);
  expect(await contentsOf(back)).toEqual(after);
  await back.close();
});
