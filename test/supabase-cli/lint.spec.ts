import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProjectDatabase, type ProjectDatabase } from '../support/hosted/project-database.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';
import { ensureProgram } from '../support/system-package.js';
import { CliProject } from './cli-project.js';

/** `db lint` asks the extension plpgsql_check, which Supabase has and the binaries of npm lack: the system's Postgres then. */
const BINARIES = '/usr/lib/postgresql/15/bin';
const POSTGRES = {
  command: ['test', '-e', '/usr/share/postgresql/15/extension/plpgsql_check.control'],
  debian: 'postgresql-15 postgresql-15-plpgsql-check',
  elsewhere: 'a Postgres 15 of Debian with the extension plpgsql_check',
} as const;

let server: TestPostgres;
let database: ProjectDatabase;
let admin: pg.Client;
let cli: CliProject;

beforeAll(async () => {
  await ensureProgram(POSTGRES);
  server = await startTestPostgres(undefined, undefined, { binaries: BINARIES, superuser: 'supabase_admin' });
  database = await makeProjectDatabase(server.url, 'old');
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  // A project's owner may make this extension itself, by leave of an extension that is Supabase's own.
  await admin.query('create extension plpgsql_check schema extensions');
  const { pathname } = new URL(database.adminUrl);
  await admin.query(`alter database "${pathname.slice(1)}" set search_path = "$user", public, extensions`);
  cli = await CliProject.make();
});
afterAll(async () => {
  await cli.remove();
  await admin.end();
  await server.stop();
});

const lint = () => cli.run(database.ownerUrl, ['lint', '--schema', 'public', '--fail-on', 'warning']);

it('finds nothing in what supabase db push made', async () => {
  const pushed = await cli.run(database.ownerUrl, ['push', '--yes']);

  expect(pushed.status, pushed.output).toBe(0);
  expect(await lint()).toEqual({
    status: 0,
    output: expect.stringMatching(/No schema errors found/) as string,
  });
});

it('would find a fault', async () => {
  await admin.query(`create function public.faulty() returns int language plpgsql as $$
    begin return (select id from public.there_is_none); end $$`);

  const found = await lint();
  await admin.query('drop function public.faulty()');

  expect(found.status).not.toBe(0);
  expect(found.output).toContain('there_is_none');
});
