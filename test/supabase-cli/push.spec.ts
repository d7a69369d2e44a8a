import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  findMigrationsFolder,
  type MigrationFile,
  readMigrations,
} from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { wholeCatalog } from '../repositories/whole-catalog.js';
import {
  makeProjectDatabase,
  type ProjectAge,
  type ProjectDatabase,
} from '../support/hosted/project-database.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';
import type { PostgresVersion } from '../support/postgres-versions.js';
import { CliProject } from './cli-project.js';

const DONE = /Finished supabase db push/;
/** Whoever holds this lets a push wait in the middle. */
const LOCK = 4711;
const UP_TO_DATE = /Remote database is up to date/;

interface Kind {
  version: PostgresVersion;
  age: ProjectAge;
}

const PROJECTS: Kind[] = [
  { version: 15, age: 'old' },
  { version: 15, age: 'new' },
  { version: 17, age: 'old' },
  { version: 17, age: 'new' },
];
/** One of each version and of each kind. */
const INTERRUPTED: Kind[] = [
  { version: 15, age: 'new' },
  { version: 17, age: 'old' },
];

let migrations: MigrationFile[];

beforeAll(async () => {
  migrations = await readMigrations(findMigrationsFolder());
});

/** Gives each test of a suite a project of its own, whose superuser is not `postgres`, and the CLI. */
function useProject({ version, age }: Kind) {
  let server: TestPostgres;
  let database: ProjectDatabase;
  let admin: pg.Client;
  let cli: CliProject;

  beforeAll(async () => {
    server = await startTestPostgres(undefined, undefined, { version, superuser: 'supabase_admin' });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    database = await makeProjectDatabase(server.url, age);
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    cli = await CliProject.make();
  });
  afterEach(async () => {
    await cli.remove();
    await admin.end();
    await database.drop();
  });

  /** Lets the service migrate a database as its owner. */
  async function migrateAs(ownerUrl: string): Promise<{ applied: string[]; catalog: string[] }> {
    const executor = new PgExecutor({ connectionString: ownerUrl, poolSize: 2 });
    try {
      const applied = await migrate(executor, migrations);
      return { applied, catalog: await wholeCatalog(executor) };
    } finally {
      await executor.close();
    }
  }

  return {
    run: (args: string[], onSpawn?: (kill: () => void) => void) => cli.run(database.ownerUrl, args, onSpawn),
    push: () => cli.run(database.ownerUrl, ['push', '--yes']),
    /** Runs SQL of the superuser. */
    asAdmin: (sql: string) => admin.query(sql),
    /** What the service applied to the project, and what is there then. */
    byTheService: () => migrateAs(database.ownerUrl),
    /** What is there when the service alone migrates such a project. */
    async whatTheServiceMakes(): Promise<string[]> {
      const other = await makeProjectDatabase(server.url, age);
      try {
        return (await migrateAs(other.ownerUrl)).catalog;
      } finally {
        await other.drop();
      }
    },
  };
}

describe.each(PROJECTS)('supabase db push to a project of the $age kind on Postgres $version', (kind) => {
  const project = useProject(kind);

  it('makes what the service itself makes, and is done then', async () => {
    const first = await project.push();
    const second = await project.push();

    expect(first).toEqual({ status: 0, output: expect.stringMatching(DONE) as string });
    expect(second).toEqual({ status: 0, output: expect.stringMatching(UP_TO_DATE) as string });
    const catalog = await project.whatTheServiceMakes();
    expect(await project.byTheService()).toEqual({ applied: [], catalog });
    const advice = await project.run(['advisors', '--fail-on', 'warn']);
    expect(advice).toEqual({ status: 0, output: expect.stringMatching(/No issues found/) as string });
  });

  it('has nothing to do where the service was first', async () => {
    await project.byTheService();

    expect(await project.push()).toEqual({ status: 0, output: expect.stringMatching(UP_TO_DATE) as string });
  });
});

describe.each(INTERRUPTED)(
  'an interrupted push to a project of the $age kind on Postgres $version',
  (kind) => {
    const project = useProject(kind);

    it('can be repeated when the connection ended in the middle', async () => {
      await whenMessagesAreMade('perform pg_terminate_backend(pg_backend_pid())');

      const killed = await project.push();
      await project.asAdmin('drop function extensions.in_the_middle() cascade');
      const again = await project.push();

      expect(killed.status).not.toBe(0);
      expect(again).toEqual({ status: 0, output: expect.stringMatching(DONE) as string });
      expect((await project.byTheService()).catalog).toEqual(await project.whatTheServiceMakes());
    });

    it('can be repeated when it was killed in the middle', async () => {
      await whenMessagesAreMade(`perform pg_advisory_xact_lock(${LOCK})`);
      await project.asAdmin(`select pg_advisory_lock(${LOCK})`);
      let kill = () => {};
      const pushing = project.run(['push', '--yes'], (killIt) => {
        kill = killIt;
      });
      await expect.poll(() => count(`pg_locks where locktype = 'advisory' and not granted`)).toEqual(1);

      kill();
      expect((await pushing).status).toBeNull();
      await project.asAdmin(`select pg_advisory_unlock(${LOCK})`);
      await expect
        .poll(() => count('pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'))
        .toEqual(0);
      await project.asAdmin('drop function extensions.in_the_middle() cascade');
      const again = await project.push();

      expect(again.status).toBe(0);
      expect((await project.byTheService()).catalog).toEqual(await project.whatTheServiceMakes());
    });

    async function whenMessagesAreMade(statement: string): Promise<void> {
      await project.asAdmin(`
      create function extensions.in_the_middle() returns event_trigger language plpgsql as $$
      begin
        if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.messages') then
          ${statement};
        end if;
      end $$;
      create event trigger in_the_middle on ddl_command_end when tag in ('CREATE TABLE')
        execute function extensions.in_the_middle()`);
    }

    async function count(rows: string): Promise<number> {
      return (await project.asAdmin(`select from ${rows}`)).rowCount ?? 0;
    }
  },
);
