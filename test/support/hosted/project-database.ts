import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** Which default privileges a project has: those of projects made before 30 May 2026, or of newer ones. */
export type ProjectAge = 'old' | 'new';

/** A database that is set up as that of a Supabase project, without tables. */
export interface ProjectDatabase {
  /** For the server's superuser: looking and tampering. */
  adminUrl: string;
  /** For the project's `postgres`, who migrates. */
  ownerUrl: string;
  /** For PostgREST's connections. */
  authenticatorUrl: string;
  drop(): Promise<void>;
}

const LOCK_KEY = 4_706_981_326;
const CONNECT_LIMIT_MS = 60_000;

/**
 * @param serverUrl a Postgres, with a superuser's login
 * @param age of the project
 * @param name of the database; by default a new one
 * @returns the database; it is set up once, and taken as it is when it is there already
 */
export async function makeProjectDatabase(
  serverUrl: string,
  age: ProjectAge = 'new',
  name = `auzap_hosted_${randomUUID().replaceAll('-', '')}`,
): Promise<ProjectDatabase> {
  const database: ProjectDatabase = {
    adminUrl: withParts(serverUrl, { pathname: `/${name}` }),
    ownerUrl: '',
    authenticatorUrl: '',
    drop: () => withClient(serverUrl, (client) => dropDatabase(client, name)),
  };
  const isNew = await withClient(serverUrl, async (client) => {
    const owner = await makeRoles(client);
    database.ownerUrl = withParts(database.adminUrl, { username: owner.name, password: owner.password });
    database.authenticatorUrl = withParts(database.adminUrl, {
      username: 'authenticator',
      password: owner.password,
    });
    const { rowCount } = await client.query('select from pg_catalog.pg_database where datname = $1', [name]);
    if (rowCount === 0) {
      await client.query(`create database "${name}" owner "${owner.name}"`);
      // As every project's: https://supabase.com/docs/guides/database/postgres/configuration ("Managing timezones").
      await client.query(`alter database "${name}" set timezone to 'UTC'`);
    }
    return rowCount === 0;
  });
  if (isNew) {
    const files = ['project.sql', ...(age === 'old' ? ['project-grants.sql'] : [])];
    const owner = new URL(database.ownerUrl).username;
    await withClient(database.adminUrl, async (client) => {
      for (const file of files) {
        await client.query(await sqlOf(file, { owner }));
      }
    });
  }
  return database;
}

/**
 * On Supabase the owner is `postgres` and the superuser `supabase_admin`. A server whose own superuser is called `postgres`
 * gets an owner of another name: no server lets its first superuser become an ordinary user.
 */
async function makeRoles(client: pg.Client): Promise<{ name: string; password: string }> {
  const { rows } = await client.query<{ rolsuper: boolean }>(
    `select rolsuper from pg_catalog.pg_roles where rolname = 'postgres'`,
  );
  const name = rows[0]?.rolsuper === true ? 'project_postgres' : 'postgres';
  // The same for whoever makes a project here: roles belong to the whole server.
  const password = 'project';
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
  await client.query(await sqlOf('roles.sql', { owner: name, password }));
  await client.query('commit');
  return { name, password };
}

async function sqlOf(file: string, values: Record<string, string>): Promise<string> {
  const text = await readFile(join(import.meta.dirname, file), 'utf8');
  return text.replaceAll(/:(owner|password)\b/g, (_, name: string) => values[name] ?? '');
}

async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists "${name}" with (force)`);
}

/** @param use done with a connection of its own, which ends then */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_LIMIT_MS });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function withParts(url: string, parts: Partial<Pick<URL, 'pathname' | 'username' | 'password'>>): string {
  return Object.assign(new URL(url), parts).href;
}
