import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findMigrationsFolder, readMigrations } from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import { openDatabase } from '../../src/supabase/open-database.js';
import { PgliteExecutor } from '../../src/supabase/pglite-executor.js';

/** What every test database begins with, made once: to migrate each takes longer than most tests. */
export interface MigratedCopies {
  dump: string;
  folder: string;
  template: string;
  /** Makes the migrated database, by the name of `template`, in a Postgres. @returns drops it */
  putInto(server: string): Promise<() => Promise<void>>;
  /** Removes file and folder. */
  remove(): Promise<void>;
}

/** @returns a migrated PGlite in a file and in a folder, and the way to a migrated database of a Postgres */
export async function makeMigratedCopies(): Promise<MigratedCopies> {
  const place = await mkdtemp(join(tmpdir(), 'auzap-migrated-'));
  const dump = join(place, 'dump.tar');
  const folder = join(place, 'db');
  const template = `auzap_template_${randomUUID().replaceAll('-', '')}`;
  await writeCopies(dump, folder);
  return {
    dump,
    folder,
    template,
    putInto: async (server) => {
      await makeTemplate(server, template);
      return () => onServer(server, `drop database if exists ${template} with (force)`);
    },
    remove: () => rm(place, { recursive: true, force: true }),
  };
}

async function makeTemplate(server: string, name: string): Promise<void> {
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = await openDatabase({ store: { kind: 'postgres', connectionString: url.href } });
  await database.close();
  // Nobody may be in what is copied, not even the database's own cleaners.
  await onServer(server, `alter database ${name} with allow_connections false`);
}

async function writeCopies(dump: string, folder: string): Promise<void> {
  const executor = await PgliteExecutor.open(folder);
  try {
    await migrate(executor, await readMigrations(findMigrationsFolder()));
    await writeFile(dump, Buffer.from(await (await executor.dump()).arrayBuffer()));
  } finally {
    await executor.close();
  }
}

/** Runs one statement on a server. */
export async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 60_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
