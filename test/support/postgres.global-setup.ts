import type { TestProject } from 'vitest/node';
import { type MigratedCopies, makeMigratedCopies } from './migrated-copies.js';
import { startTestPostgres, type TestPostgres } from './postgres-server.js';
import { NEWEST, TEST_STORES, versionOf } from './postgres-versions.js';
import type {} from './provided-context.js';

interface Made {
  postgres: TestPostgres;
  copies: MigratedCopies;
  dropTemplate: () => Promise<void>;
}

/** What the kinds of tests of one run share. */
interface Shared {
  users: number;
  made: Promise<Made>;
}

/** Each kind of test has a set-up with modules of its own; all are in one process. */
const run = globalThis as { auzapTestDatabases?: Shared };

/**
 * Vitest's global set-up: one Postgres for all files of a run, `TEST_DATABASE_URL` or an own one, with what their databases are copied from;
 * and for the repositories older ones.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (run.auzapTestDatabases ??= { users: 0, made: make() });
  shared.users += 1;
  const ends = [() => leave(shared)];
  const stop = async () => {
    for (const end of ends.toReversed()) {
      await end();
    }
  };
  try {
    const { postgres, copies } = await shared.made;
    const { dump, folder, template } = copies;
    const older: Record<string, string> = {};
    for (const store of project.name === 'repositories' ? TEST_STORES : []) {
      const version = versionOf(store);
      if (version !== undefined && version !== NEWEST) {
        const server = await startTestPostgres(undefined, undefined, { version });
        ends.push(() => server.stop());
        await copies.putInto(server.url);
        older[store] = server.url;
      }
    }
    project.provide('migratedCopies', { dump, folder, template });
    project.provide('testDatabaseUrl', postgres.url);
    project.provide('olderDatabaseUrls', older);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

async function make(): Promise<Made> {
  const postgres = await startTestPostgres(process.env['TEST_DATABASE_URL']);
  try {
    const copies = await makeMigratedCopies();
    return { postgres, copies, dropTemplate: await copies.putInto(postgres.url) };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** The last one puts out the light. */
async function leave(shared: Shared): Promise<void> {
  shared.users -= 1;
  if (shared.users > 0) {
    return;
  }
  delete run.auzapTestDatabases;
  const { postgres, copies, dropTemplate } = await shared.made;
  await dropTemplate();
  await copies.remove();
  await postgres.stop();
}
