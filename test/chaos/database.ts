import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { runSql } from '../../src/supabase/sql-client.js';
import { freePort } from '../support/free-port.js';
import type { ChaosOptions } from './options.js';
import type { HostedProject } from '../support/hosted/hosted-project.js';
import { startMigratedProject } from '../support/hosted/migrated-project.js';
import { QuotaDisk } from './quota-disk.js';
import type { RunResources } from './run-resources.js';
import { PostgresServer } from './postgres-server.js';

const QUERY_LIMIT_MS = 60_000;

/** The database under test, as the harness sees it. */
export interface ChaosDatabase {
  readonly label: string;
  /** What the service is told about it. */
  readonly environment: Record<string, string>;
  /** It lives in the service's process: questions are answered only while that runs. */
  readonly isEmbedded: boolean;
  /** To be stopped and frozen, where it is ours. */
  readonly server: PostgresServer | undefined;
  /** What is between the service and a hosted database. */
  readonly project: HostedProject | undefined;
  /** What a process is told that the database is to know by a name (`application_name`); not for an embedded one. */
  environmentFor(process: string): Promise<Record<string, string>>;
  /** To be filled up, where it is ours. */
  readonly disk: QuotaDisk | undefined;
  /** Runs one statement. */
  query<Row = Record<string, unknown>>(sql: string): Promise<Row[]>;
  /** @throws UnruledRequestsError if a hosted project was sent what its stand-in has no rule for */
  close(): Promise<void>;
}

/** Which database to make. */
export type DatabaseChoice = Pick<ChaosOptions, 'database' | 'databaseUrl' | 'roundTrip' | 'without'>;

/** Makes an empty database that goes with the resources. */
export async function openChaosDatabase(
  resources: RunResources,
  options: DatabaseChoice,
): Promise<ChaosDatabase> {
  if (options.database === 'hosted') {
    return hosted(resources, options);
  }
  if (options.database === 'postgres' && options.databaseUrl !== undefined) {
    return givenPostgres(resources, options.databaseUrl);
  }
  const disk = options.without.includes('disk-full') ? undefined : await QuotaDisk.mount(resources);
  const folder = disk?.path ?? resources.folder;
  if (options.database === 'pglite') {
    return embedded(join(folder, 'data'), disk);
  }
  const server = await PostgresServer.create(resources, folder);
  return postgres(server.url, 'own Postgres', server, disk);
}

async function givenPostgres(resources: RunResources, serverUrl: string): Promise<ChaosDatabase> {
  const name = `auzap_chaos_${randomUUID().replaceAll('-', '')}`;
  resources.database(serverUrl, name);
  await ask(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return postgres(url.href, 'given Postgres', undefined, undefined);
}

function postgres(
  url: string,
  label: string,
  server: PostgresServer | undefined,
  disk: QuotaDisk | undefined,
): ChaosDatabase {
  return {
    label,
    environment: { DATABASE_URL: url },
    isEmbedded: false,
    server,
    project: undefined,
    environmentFor: (process) => {
      const named = new URL(url);
      named.searchParams.set('application_name', process);
      return Promise.resolve({ DATABASE_URL: named.href });
    },
    disk,
    query: (sql) => ask(url, sql),
    close: () => Promise.resolve(),
  };
}

/** A stand-in for a Supabase project, in this process; a full disk is a matter of the other kinds. */
async function hosted(resources: RunResources, options: DatabaseChoice): Promise<ChaosDatabase> {
  const name = `auzap_hosted_${randomUUID().replaceAll('-', '')}`;
  let server: PostgresServer | undefined;
  if (options.databaseUrl === undefined) {
    server = await PostgresServer.create(resources, resources.folder);
  } else {
    resources.database(options.databaseUrl, name);
  }
  const made = await startMigratedProject(server?.url ?? options.databaseUrl!, {
    databaseName: name,
    port: await freePort(),
    roundTripMs: options.roundTrip,
  });
  const { project, database } = made;
  return {
    label: `hosted, ${options.roundTrip} ms`,
    environment: project.environment,
    isEmbedded: false,
    server,
    project,
    environmentFor: (process) => project.doorFor(process),
    disk: undefined,
    query: (sql) => ask(database.adminUrl, sql),
    close: () => made.close(),
  };
}

function embedded(dataDir: string, disk: QuotaDisk | undefined): ChaosDatabase {
  const query = async <Row>(sql: string): Promise<Row[]> => {
    const isQuestion = /^\s*(?:select|with)/i.test(sql);
    // One row, because the service cuts long answers.
    const answer = await runSql(
      { dataDir },
      isQuestion ? `select coalesce(json_agg(q), '[]')::text as rows from (${sql}) q` : sql,
    );
    if ('error' in answer) {
      throw new Error(`${answer.error.message} in ${sql}`);
    }
    return isQuestion ? (JSON.parse(String(answer.rows[0]?.['rows'])) as Row[]) : [];
  };
  return {
    label: 'embedded (PGlite)',
    environment: { DATA_DIR: dataDir },
    isEmbedded: true,
    server: undefined,
    project: undefined,
    environmentFor: () => Promise.reject(new Error('an embedded database belongs to one process')),
    disk,
    query,
    close: () => Promise.resolve(),
  };
}

async function ask<Row>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: QUERY_LIMIT_MS,
    application_name: 'chaos',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end().catch(() => undefined);
  }
}
