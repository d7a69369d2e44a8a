import type { ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findMigrationsFolder, readMigrations } from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { makeRelease01 } from '../repositories/legacy/release-0-1.js';
import { wholeCatalog } from '../repositories/whole-catalog.js';
import { QuotaDisk } from '../chaos/quota-disk.js';
import { RunResources } from '../chaos/run-resources.js';
import { environmentOf, makeServiceHome, runToExit, type ServiceHome } from '../support/built-service.js';
import { endProcess } from '../support/end-process.js';
import { freePort } from '../support/free-port.js';
import { HostedProject } from '../support/hosted/hosted-project.js';
import { makeProjectDatabase } from '../support/hosted/project-database.js';
import { PgBouncer } from '../support/pgbouncer.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';

let server: TestPostgres;
let home: ServiceHome;
let admin: pg.Client;

beforeAll(async () => {
  server = await startTestPostgres(undefined);
  home = await makeServiceHome();
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await server.stop();
  await home.remove();
});

function inDatabase(name: string, user = 'postgres'): string {
  return Object.assign(new URL(server.url), { pathname: `/${name}`, username: user }).href;
}

/** Makes a database with what a test wants in it. */
async function made(name: string, make: (executor: PgExecutor) => Promise<unknown>): Promise<string> {
  await admin.query(`create database "${name}"`);
  const executor = new PgExecutor({ connectionString: inDatabase(name), poolSize: 1 });
  await make(executor);
  await executor.close();
  return inDatabase(name);
}

/** Everything in a database, and what is recorded as applied to it. */
async function stateOf(url: string): Promise<string[]> {
  const executor = new PgExecutor({ connectionString: url, poolSize: 1 });
  try {
    const lines = await wholeCatalog(executor);
    const { rows } = lines.some((line) => line.includes('schema_migrations'))
      ? await executor.query('select version, name from supabase_migrations.schema_migrations order by 1')
      : { rows: [] };
    return [...lines, ...rows.map((row) => JSON.stringify(row))];
  } finally {
    await executor.close();
  }
}

/** What the service writes to standard error apart from its log. */
function sentencesOf(output: string): string[] {
  return output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
}

/** Starts the service, which must end, and expects one sentence. */
async function refusal(database: Record<string, string>): Promise<string> {
  const { code, output } = await runToExit('main.js', {
    ...environmentOf(home),
    START_WAIT_SECONDS: '1',
    ...database,
  });
  const sentences = sentencesOf(output);
  expect(sentences, output).toHaveLength(1);
  expect(code).toBe(1);
  return sentences[0]!.replace(/^The service could not start: /, '');
}

const half = (executor: PgExecutor) => makeRelease01(executor, 20);
const all = async (executor: PgExecutor) => migrate(executor, await readMigrations(findMigrationsFolder()));
const newer = async (executor: PgExecutor) => {
  await all(executor);
  await executor.query(
    `insert into supabase_migrations.schema_migrations (version, name) values ('20991231000000', 'auzap_tomorrow')`,
  );
};

describe('a start with a database that can not be used', () => {
  it.each<[string, (executor: PgExecutor) => Promise<unknown>, RegExp]>([
    [
      'half_migrated',
      half,
      /^The database has 20 of the 43 migrations of release 0\.1: start release 0\.1\.0/,
    ],
    [
      'newer',
      newer,
      /does not know \(20991231000000\)\. Start the version that made them, or a newer one\.$/,
    ],
    [
      'of_others',
      (executor) => executor.query('create table public.messages (id int)'),
      /^The schema public has something of another application .* \(messages\)\. Take a database of its own/,
    ],
  ])('says what to do where it is %s, and changes nothing', async (name, make, sentence) => {
    const url = await made(name, make);
    const before = await stateOf(url);

    expect(await refusal({ DATABASE_URL: url })).toMatch(sentence);

    expect(await stateOf(url)).toEqual(before);
  });

  it.each<[string, string[], RegExp]>([
    ['poor', [], /^The database user poor may not create tables .* Grant it: grant usage, create on schema/],
    [
      'reader',
      ['alter role reader superuser', 'alter role reader set default_transaction_read_only to on'],
      /^The database of DATABASE_URL is read-only: set default_transaction_read_only to off/,
    ],
  ])('says what the user %s lacks, and changes nothing', async (user, statements, sentence) => {
    const url = await made(`of_${user}`, (executor) => executor.query(`create role ${user} login`));
    for (const statement of statements) {
      await admin.query(statement);
    }
    const before = await stateOf(url);

    expect(await refusal({ DATABASE_URL: inDatabase(`of_${user}`, user) })).toMatch(sentence);

    expect(await stateOf(url)).toEqual(before);
  });

  it('says that a pooler is in the wrong mode', async () => {
    const url = await made('pooled', () => Promise.resolve());
    const pooler = await PgBouncer.start(server.url, { mode: 'statement' });
    try {
      const before = await stateOf(url);

      expect(await refusal({ DATABASE_URL: pooler.through(url) })).toMatch(
        /takes no transactions \(pool_mode=statement\): set it to transaction or session\.$/,
      );

      expect(await stateOf(url)).toEqual(before);
    } finally {
      await pooler.stop();
    }
  });

  it.each<[string, (executor: PgExecutor) => Promise<unknown>, RegExp]>([
    [
      'half migrated',
      half,
      /does not have the schema of this service, or that of an older version\. .*db push.*release 0\.1/,
    ],
    [
      'newer',
      newer,
      /does not know \(20991231000000\)\. Start the version that made them, or a newer one\.$/,
    ],
    ['empty', () => Promise.resolve(), /does not have the schema of this service/],
  ])('says what to do where the project is %s, and changes nothing', async (_, make, sentence) => {
    const database = await makeProjectDatabase(server.url);
    const executor = new PgExecutor({ connectionString: database.ownerUrl, poolSize: 1 });
    await make(executor);
    await executor.close();
    const before = await stateOf(database.adminUrl);
    const project = await HostedProject.start({ authenticatorUrl: database.authenticatorUrl });
    try {
      expect(await refusal(project.environment)).toMatch(sentence);
    } finally {
      await project.close();
    }

    expect(await stateOf(database.adminUrl)).toEqual(before);
  });
});

describe('a start with a standby', () => {
  let folder: string;
  let standby: ChildProcess;
  afterEach(async () => {
    await endProcess(standby, 'SIGINT');
    await rm(folder, { recursive: true, force: true });
  });

  it('says so, and is not kept waiting', async () => {
    folder = await mkdtemp(join(tmpdir(), 'auzap-standby-'));
    const cluster = await PostgresCluster.create(folder);
    await cluster.becomeStandby();
    const port = await freePort();
    standby = await cluster.serve(port, ['fsync=off']);

    expect(await refusal({ DATABASE_URL: `postgres://postgres@127.0.0.1:${port}/postgres` })).toBe(
      'The server of DATABASE_URL is a standby, which is read-only: connect to the primary.',
    );
  });
});

describe('a start with a database whose disk is full', () => {
  let resources: RunResources;
  let own: ChildProcess | undefined;
  afterEach(async () => {
    if (own) {
      await endProcess(own, 'SIGINT');
    }
    await resources.close();
  });

  it('says so, changes nothing, and goes well once there is room', async () => {
    resources = await RunResources.open();
    const disk = await QuotaDisk.mount(resources);
    if (disk === undefined) {
      // Who may not mount a disk can't try it.
      return;
    }
    await chmod(resources.folder, 0o711);
    const folder = join(disk.path, 'postgres');
    await mkdir(folder);
    const cluster = await PostgresCluster.create(folder, { copyTo: resources.folder });
    const port = await freePort();
    own = await cluster.serve(port, ['fsync=off']);
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const before = await stateOf(url);
    await disk.fill();

    expect(await refusal({ DATABASE_URL: url })).toMatch(/out of disk space: .* Make room on its server/);

    disk.free();
    expect(await stateOf(url)).toEqual(before);
    const executor = new PgExecutor({ connectionString: url, poolSize: 1 });
    expect(await all(executor)).not.toEqual([]);
    await executor.close();
  });
});
