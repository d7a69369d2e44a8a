import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { makeRelease01 } from '../repositories/legacy/release-0-1.js';
import { copyIntoRelease01 } from '../repositories/legacy/rows-of-release-0-1.js';
import { withClient } from '../support/hosted/project-database.js';
import { MainJob } from '../support/main-job.js';
import { PgBouncer } from '../support/pgbouncer.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';
import { POSTGRES_VERSIONS, type PostgresVersion } from '../support/postgres-versions.js';

let job: MainJob;
let server: TestPostgres | undefined;

beforeEach(async () => {
  job = await MainJob.prepare();
});
afterEach(async () => {
  await job.end();
  await server?.stop();
  server = undefined;
});

async function serve(version?: PostgresVersion): Promise<string> {
  server = await startTestPostgres(undefined, undefined, version === undefined ? {} : { version });
  return server.url;
}

describe('the built service does its main job, and goes on with it after a restart', () => {
  it.each(POSTGRES_VERSIONS)('over Postgres %i', async (version) => {
    await job.doTwice({ DATABASE_URL: await serve(version) });

    expect(job.owner.devices).toHaveLength(1);
  });

  it.each(['session', 'transaction'] as const)('through a pooler in %s mode', async (mode) => {
    const pooler = await PgBouncer.start(await serve(), { mode });
    try {
      await job.doTwice({ DATABASE_URL: pooler.through(server!.url) });
    } finally {
      await pooler.stop();
    }

    expect(job.owner.devices).toHaveLength(1);
  });
});

/** Makes a database as release 0.1 left it, with the rows of another one. */
async function makeOldDatabase(current: string): Promise<string> {
  const old = Object.assign(new URL(current), { pathname: '/of_release_0_1' }).href;
  await withClient(current, (client) => client.query('create database of_release_0_1'));
  const executor = new PgExecutor({ connectionString: old, poolSize: 1 });
  await makeRelease01(executor);
  await executor.close();
  await withClient(current, (from) => withClient(old, (to) => copyIntoRelease01(from, to)));
  return old;
}

// Release 0.1 does not start on Postgres 15, so there is none of its databases.
describe.each([16, 18] as const)('a database of release 0.1 on Postgres %i', (version) => {
  it('is upgraded at the start, has its data and its linked number, and serves on', async () => {
    const current = await serve(version);
    await job.start({ DATABASE_URL: current });
    await job.link();
    await job.runWorkload();
    await job.stop();
    const database = { DATABASE_URL: await makeOldDatabase(current) };

    await job.start(database);
    expect(job.service.output).toMatch(/"migrated":[1-9]/);
    await job.holds();
    await job.comesBack();
    await job.runWorkload();
    await job.stop();

    await job.goOn(database);
  });
});
