import type { TestProject } from 'vitest/node';
import { makeMigratedCopies } from './migrated-copies.js';
import { startTestPostgres } from './postgres-server.js';
import { NEWEST, TEST_STORES, versionOf } from './postgres-versions.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres in which tests may create databases. */
    testDatabaseUrl: string;
    /** Older ones, by the name of their store. */
    olderDatabaseUrls: Record<string, string>;
  }
}

/** Projects whose tests have many databases. */
const COPYING = new Set(['repositories', 'e2e', 'smoke', 'clients']);

/** Vitest's global set-up: one Postgres for all files, `TEST_DATABASE_URL` or an own one, and for the repositories older ones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = [await startTestPostgres(process.env['TEST_DATABASE_URL'])];
  const ends = [() => Promise.all(servers.map((server) => server.stop()))] as (() => Promise<unknown>)[];
  const stop = async () => {
    for (const end of ends) {
      await end();
    }
  };
  const older: Record<string, string> = {};
  try {
    for (const store of project.name === 'repositories' ? TEST_STORES : []) {
      const version = versionOf(store);
      if (version !== undefined && version !== NEWEST) {
        const server = await startTestPostgres(undefined, undefined, { version });
        servers.push(server);
        older[store] = server.url;
      }
    }
    if (COPYING.has(project.name)) {
      const copies = await makeMigratedCopies(servers.map(({ url }) => url));
      ends.unshift(() => copies.remove());
      const { dump, folder, template } = copies;
      project.provide('migratedCopies', { dump, folder, template });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('testDatabaseUrl', servers[0]!.url);
  project.provide('olderDatabaseUrls', older);
  return stop;
}
