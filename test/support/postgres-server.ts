import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { type ClusterOptions, PostgresCluster } from './postgres-cluster.js';
import { Watchdog } from './watchdog.js';

/** A Postgres for a run. */
export interface TestPostgres {
  url: string;
  stop(): Promise<void>;
}

/** Speed over safety: nothing in it is worth keeping. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'];

/**
 * @param given address of a Postgres that is there already
 * @param settings of one of our own, as `name=value`; by default those for tests
 * @param options of one of our own; by default the newest version
 * @returns that one, or one of our own, which ends with this process at the latest
 */
export async function startTestPostgres(
  given: string | undefined,
  settings: readonly string[] = FAST,
  options: ClusterOptions = {},
): Promise<TestPostgres> {
  if (given) {
    return { url: given, stop: () => Promise.resolve() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'auzap-postgres-'));
  try {
    const cluster = await PostgresCluster.create(folder, options);
    const port = await freePort();
    const server = await cluster.serve(port, settings);
    server.unref();
    const watchdog = new Watchdog(server, folder, { signal: 'QUIT', ...cluster.user });
    return {
      url: `postgres://${options.superuser ?? 'postgres'}@127.0.0.1:${port}/postgres`,
      stop: () => watchdog.release(),
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
