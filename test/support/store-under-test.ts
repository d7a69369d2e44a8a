import { inject } from 'vitest';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { createMigratedDatabase, openTestDatabase } from './databases.js';
import type { HostedProject } from './hosted/hosted-project.js';
import { tokensAreIssuedBy } from './identity-provider.js';
import { type MigratedProject, startMigratedProject } from './hosted/migrated-project.js';
import { copyMigratedFolder } from './migrated-copy.js';
import { IS_HOSTED, STORE, type StoreKind } from './store-kind.js';
import type {} from './provided-context.js';

/** Of the harnesses' projects; enough that what happens at once on one machine does not here. */
const ROUND_TRIP_MS = 5;

/** @returns a database of the kind that `TEST_STORE` names, whose `sql` is the superuser's */
export function openStoreUnderTest(): Promise<OpenDatabase> {
  return openTestDatabase(STORE === 'embedded' ? 'pglite' : STORE);
}

/** Where a process under test keeps its data. */
export interface ProcessStore {
  /** What it is told; nothing for its own embedded database. */
  environment: Record<string, string>;
  /** As the database's superuser; undefined where the process itself is that. */
  sql: OpenDatabase['sql'] | undefined;
  project: HostedProject | undefined;
  /** @throws UnruledRequestsError */
  close(): Promise<void>;
}

/** Variables that say where a service keeps its data. */
const PLACES = ['DATA_DIR', 'DATABASE_URL', 'SUPABASE_URL'];

/**
 * @param dataDir of the process, for its embedded database
 * @param given what it is told anyway: where that has a place in it, it gets none
 * @returns what one process is started with: its embedded database, a database in a Postgres, or a project of its own
 */
export async function storeOfProcess(
  dataDir: string,
  given: Record<string, string> = {},
  kind: StoreKind = STORE,
): Promise<ProcessStore> {
  const isPlaced = PLACES.some((name) => name in given);
  if (isPlaced || kind === 'embedded') {
    if (!isPlaced) {
      await copyMigratedFolder(dataDir);
    }
    return { environment: {}, sql: undefined, project: undefined, close: () => Promise.resolve() };
  }
  if (kind === 'postgres') {
    const { url, drop } = await createMigratedDatabase();
    // What a test fills in takes longer than any statement of the service may.
    const admin = new PgExecutor({ connectionString: url, poolSize: 2, statementTimeoutMs: 60_000 });
    return {
      environment: { DATABASE_URL: url },
      sql: (text, params, options) => admin.query(text, params, options),
      project: undefined,
      close: async () => {
        await admin.close();
        await drop();
      },
    };
  }
  const made = await startTestProject();
  const admin = new PgExecutor({ connectionString: made.database.adminUrl, poolSize: 2 });
  return {
    environment: made.project.environment,
    sql: (text, params, options) => admin.query(text, params, options),
    project: made.project,
    close: async () => {
      await admin.close();
      await made.close();
    },
  };
}

/** A database that several processes under test share. */
export interface SharedStore {
  /** What each process is told. */
  environment: Record<string, string>;
  /** For the superuser. */
  url: string;
  project: HostedProject | undefined;
  /** @throws UnruledRequestsError */
  stop(): Promise<void>;
}

/** @returns a database with all tables, or a project with them */
export async function startSharedStore(): Promise<SharedStore> {
  if (!IS_HOSTED) {
    const { url, drop } = await createMigratedDatabase();
    return { environment: { DATABASE_URL: url }, url, project: undefined, stop: drop };
  }
  const made = await startTestProject();
  return {
    environment: made.project.environment,
    url: made.database.adminUrl,
    project: made.project,
    stop: () => made.close(),
  };
}

/** @returns the stand-in for a Supabase project with all tables, whose users the test's identity provider issues tokens for */
async function startTestProject(): Promise<MigratedProject> {
  const made = await startMigratedProject(inject('testDatabaseUrl'), { roundTripMs: ROUND_TRIP_MS });
  tokensAreIssuedBy(`${made.project.url}/auth/v1`);
  return made;
}
