import { mkdtemp, writeFile, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAdmin } from '../../src/cli/run-admin.js';
import { openDatabase } from '../../src/supabase/open-database.js';
import { freePort } from '../support/free-port.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';

const HBA = `
host all locked 127.0.0.1/32 scram-sha-256
hostssl all encrypted 127.0.0.1/32 trust
host all postgres,poor,reader,single,nobody 127.0.0.1/32 trust
`;

let folder: string;
let server: TestPostgres;
let admin: pg.Client;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-hba-'));
  // Postgres may run as somebody else.
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'pg_hba.conf'), HBA, { mode: 0o644 });
  server = await startTestPostgres(undefined, ['fsync=off', `hba_file=${join(folder, 'pg_hba.conf')}`]);
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query(`
    create role locked login password 'right';
    create role encrypted login;
    create role poor login;
    create role reader login superuser;
    alter role reader set default_transaction_read_only to on;
    create role single login superuser connection limit 0;
    alter role single nosuperuser`);
});
afterAll(async () => {
  await admin.end();
  await server.stop();
  await rm(folder, { recursive: true });
});

function urlFor(changes: { user?: string; password?: string; database?: string; query?: string }): string {
  const url = new URL(server.url);
  url.username = changes.user ?? 'postgres';
  url.password = changes.password ?? '';
  url.pathname = `/${changes.database ?? 'postgres'}`;
  url.search = changes.query ?? '';
  return url.href;
}

async function failureOf(url: string): Promise<string> {
  try {
    const database = await openDatabase({ store: { kind: 'postgres', connectionString: url } });
    await database.close();
    return 'it opened';
  } catch (error) {
    return (error as Error).message;
  }
}

/** What is in a database that is not Postgres' own. */
async function contentsOf(database: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: urlFor({ database }) });
  await client.connect();
  try {
    const { rows } = await client.query(`
      select n.nspname, c.relname from pg_namespace n left join pg_class c on c.relnamespace = n.oid
      where n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' order by 1, 2`);
    return rows;
  } finally {
    await client.end();
  }
}

describe('a Postgres that can not be used as it is', () => {
  it.each<[string, Parameters<typeof urlFor>[0], RegExp]>([
    [
      'a wrong password',
      { user: 'locked', password: 'wrong' },
      /refuses the login: .*Check user and password/,
    ],
    ['an unknown user', { user: 'nobody' }, /refuses the login/],
    ['no such database', { database: 'elsewhere' }, /no such database.*Create an empty one/],
    [
      'TLS, which it does not have',
      { query: '?sslmode=require' },
      /server offers no TLS, and sslmode asks for it/,
    ],
    [
      'no TLS, where it wants it',
      { user: 'encrypted' },
      /takes this user's connections with TLS alone: add sslmode=verify-full/,
    ],
    [
      'a user without rights',
      { user: 'poor' },
      /user poor may not create tables in the schema public\. Grant it: grant usage, create on schema public to poor/,
    ],
    ['a user who only reads', { user: 'reader' }, /read-only: set default_transaction_read_only to off/],
    ['a user with no connection left', { user: 'single' }, /no connection left/],
  ])('refuses with a sentence: %s', async (_name, changes, sentence) => {
    const before = await contentsOf('postgres');

    const failure = await failureOf(urlFor(changes));

    expect(failure).toMatch(sentence);
    expect(failure).not.toContain('\n');
    expect(await contentsOf('postgres')).toEqual(before);
  });

  it('is looked at by check-database, which applies no migration', async () => {
    await admin.query('create database looked_at');
    const before = await contentsOf('looked_at');
    const check = async () => {
      const said: string[] = [];
      const output = { result: (text: string) => said.push(text), note: (text: string) => said.push(text) };
      const environment = {
        NODE_ENV: 'test',
        DATA_DIR: folder,
        DATABASE_URL: urlFor({ database: 'looked_at' }),
      };
      return { code: await runAdmin(['check-database'], environment, output), said: said.join('\n') };
    };

    expect(await check()).toMatchObject({
      code: 1,
      said: expect.stringMatching(/lacks \d+ of the migrations/),
    });
    expect(await contentsOf('looked_at')).toEqual(before);

    await (
      await openDatabase({ store: { kind: 'postgres', connectionString: urlFor({ database: 'looked_at' }) } })
    ).close();
    const { code, said } = await check();
    expect(said).toMatch(/ok +write +commit .* kept/);
    expect(said).not.toContain('FAIL');
    expect(code).toBe(0);
  });

  it('names what is in the way of a migration, and leaves it', async () => {
    await admin.query('create database shared');
    const client = new pg.Client({ connectionString: urlFor({ database: 'shared' }) });
    await client.connect();
    await client.query('create table public.organizations (mine int)');
    await client.end();

    expect(await failureOf(urlFor({ database: 'shared' }))).toMatch(
      /another application under names that the service needs \(organizations\)\. Take a database of its own/,
    );
    expect(await contentsOf('shared')).toContainEqual({ nspname: 'public', relname: 'organizations' });
  });

  it('is waited for while it starts', async () => {
    const port = await freePort();
    const waited: string[] = [];
    let starting: Promise<TestPostgres> | undefined;
    const target = `postgres://postgres@127.0.0.1:${port}/postgres`;

    const database = await openDatabase({
      store: { kind: 'postgres', connectionString: target },
      waitMs: 60_000,
      onWaiting: (sentence) => {
        waited.push(sentence);
        starting ??= startTestPostgres(undefined, ['fsync=off', `port=${port}`]);
      },
    });
    await database.close();
    await (await starting)?.stop();

    expect(waited[0]).toMatch(/can't be reached: connect ECONNREFUSED.* Check host and port/);
  });
});
