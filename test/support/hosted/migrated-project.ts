import { findMigrationsFolder, readMigrations } from '../../../src/supabase/migration-files.js';
import { migrate } from '../../../src/supabase/migrator.js';
import { PgExecutor } from '../../../src/supabase/pg-executor.js';
import { HostedProject, type HostedProjectOptions } from './hosted-project.js';
import {
  makeProjectDatabase,
  type ProjectAge,
  type ProjectDatabase,
  withClient,
} from './project-database.js';

/** A project with its database, which goes with it. */
export interface MigratedProject {
  project: HostedProject;
  database: ProjectDatabase;
  /** The versions that were applied. */
  migrated: string[];
  /** Runs a statement as the superuser. */
  query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
  /** Ends both and drops the database. Throws as the project does. */
  close(): Promise<void>;
}

/** Where a project is made, and how it is. */
export interface MigratedProjectOptions extends Partial<Omit<HostedProjectOptions, 'authenticatorUrl'>> {
  age?: ProjectAge;
  /** Of the database; it is kept when the project is closed. */
  databaseName?: string;
}

/**
 * Makes a project on a server and applies the migrations as its `postgres`, who is no superuser.
 * @param serverUrl a Postgres, with a superuser's login
 */
export async function startMigratedProject(
  serverUrl: string,
  { age, databaseName, ...options }: MigratedProjectOptions = {},
): Promise<MigratedProject> {
  const database = await makeProjectDatabase(serverUrl, age, databaseName);
  const drop = () => (databaseName === undefined ? database.drop() : Promise.resolve());
  try {
    const migrated = await migrateAsOwner(database.ownerUrl);
    const project = await HostedProject.start({ ...options, authenticatorUrl: database.authenticatorUrl });
    return {
      project,
      database,
      migrated,
      query: (text) => withClient(database.adminUrl, (client) => client.query<Record<string, unknown>>(text)),
      close: async () => {
        try {
          await project.close();
        } finally {
          await drop();
        }
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function migrateAsOwner(ownerUrl: string): Promise<string[]> {
  const executor = new PgExecutor({ connectionString: ownerUrl, poolSize: 2 });
  try {
    return await migrate(executor, await readMigrations(findMigrationsFolder()));
  } finally {
    await executor.close();
  }
}
