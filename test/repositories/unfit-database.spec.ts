import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  findMigrationsFolder,
  type MigrationFile,
  readMigrations,
} from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';
import { wholeCatalog } from './whole-catalog.js';

// A server of its own: the roles of the service must be missing, and roles belong to the whole server.
let server: TestPostgres;
let admin: pg.Client;
let migrations: MigrationFile[];
let number = 0;
let database: string;

beforeAll(async () => {
  server = await startTestPostgres(undefined, undefined, { version: 15 });
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  migrations = await readMigrations(findMigrationsFolder());
});
afterAll(async () => {
  await admin.end();
  await server.stop();
});
beforeEach(async () => {
  number += 1;
  database = `unfit_${number}`;
  await admin.query(`create database ${database}`);
});

/** Runs statements as the superuser in the database of the test; `me` is the user who migrates. */
async function prepare(...statements: string[]): Promise<string> {
  const user = `user_${number}`;
  const own = new pg.Client({ connectionString: addressOf('postgres') });
  await own.connect();
  try {
    await own.query(`create role ${user} login`);
    for (const statement of statements) {
      await own.query(statement.replaceAll('$me', user).replaceAll('$database', database));
    }
  } finally {
    await own.end();
  }
  return addressOf(user);
}

function addressOf(user: string): string {
  return Object.assign(new URL(server.url), { pathname: `/${database}`, username: user }).href;
}

const CREATES_IN_PUBLIC = 'grant create on schema public to $me';
const CREATES_SCHEMAS = 'grant create on database $database to $me';
const CREATES_ROLES = 'alter role $me createrole';

describe('a database that is not fit for the first migration', () => {
  it.each<[string, RegExp, string[]]>([
    [
      'a user who may create nothing',
      /^The database user user_\d+ may not create tables in the schema public\. Grant it: grant usage, create on schema public to user_\d+\./,
      [],
    ],
    [
      'missing roles that the user may not create',
      /^The database user user_\d+ may not create the roles that are missing \(anon, authenticated, service_role\)\. Create them once as a superuser/,
      [CREATES_IN_PUBLIC, CREATES_SCHEMAS],
    ],
    [
      'a missing role with more rights than the user may give',
      /^The database user user_\d+ may not create the roles that are missing/,
      [CREATES_IN_PUBLIC, CREATES_SCHEMAS, CREATES_ROLES],
    ],
    [
      'a user who may not create schemas',
      /^The database user user_\d+ may not create schemas\. Grant it: grant create on database unfit_\d+ to user_\d+\./,
      [CREATES_IN_PUBLIC, 'alter role $me createrole bypassrls', 'create role service_role'],
    ],
    [
      'a schema auth that is not that of Supabase',
      /^The schema auth is another one than Supabase's: it has no function uid\(\)\./,
      [CREATES_IN_PUBLIC, CREATES_SCHEMAS, CREATES_ROLES, 'create schema auth'],
    ],
    [
      'a database that is read-only',
      /^The database is read-only: connect to the primary, and without default_transaction_read_only\./,
      ['alter role $me superuser', 'alter database $database set default_transaction_read_only = on'],
    ],
    [
      'records that the user may not read',
      /^The database user may not read supabase_migrations\.schema_migrations: connect as the user who migrated the database\.$/,
      [
        'create schema supabase_migrations',
        'create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text)',
      ],
    ],
  ])('with %s is refused in one sentence, and nothing is changed', async (_, sentence, statements) => {
    const executor = new PgExecutor({ connectionString: await prepare(...statements), poolSize: 1 });
    const everything = new PgExecutor({ connectionString: addressOf('postgres'), poolSize: 1 });
    try {
      const before = await wholeCatalog(everything);
      const rolesBefore = await rolesOf(everything);

      await expect(migrate(executor, migrations)).rejects.toMatchObject({
        name: 'UnfitDatabaseError',
        message: expect.stringMatching(sentence) as string,
      });

      expect(await wholeCatalog(everything)).toEqual(before);
      expect(await rolesOf(everything)).toEqual(rolesBefore);
    } finally {
      await executor.close();
      await everything.close();
    }
  });

  it('is refused to somebody else than its owner', async () => {
    const owner = new PgExecutor({ connectionString: addressOf('postgres'), poolSize: 1 });
    const stranger = new PgExecutor({
      connectionString: await prepare(CREATES_IN_PUBLIC, CREATES_SCHEMAS, CREATES_ROLES),
      poolSize: 1,
    });
    try {
      await migrate(owner, migrations);
      await owner.query('drop schema supabase_migrations cascade');

      await expect(migrate(stranger, migrations)).rejects.toThrow(
        /^The tables of the service belong to postgres, and the database user is user_\d+\. Connect as the owner\./,
      );
    } finally {
      await owner.close();
      await stranger.close();
    }
  });
});

async function rolesOf(executor: PgExecutor): Promise<unknown[]> {
  return (await executor.query('select rolname from pg_roles order by 1')).rows;
}
