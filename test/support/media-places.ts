import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { inject } from 'vitest';
import { CHECK_KEY } from '../../src/media-store/media-keys.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { startMigratedProject } from './hosted/migrated-project.js';
import { StorageServer } from './hosted/storage-server.js';
import { S3Server } from './s3-server.js';

/** A place for files, as the service is told of it. */
export interface MediaPlace {
  environment: Record<string, string>;
  /** Of the database, where it is not the service's own. */
  sql?: OpenDatabase['sql'];
  /** Of all files of organizations. */
  keys(): Promise<string[]>;
  stop(): Promise<void>;
}

/** One that can be away for a while. */
export interface DistantPlace extends MediaPlace {
  leave(): Promise<void>;
  comeBack(): Promise<void>;
}

const ofOrganizations = (keys: string[]) => keys.filter((key) => key !== CHECK_KEY);

/** By the kind of store. */
export const DISTANT_PLACES: Record<string, () => Promise<DistantPlace>> = {
  s3: async () => {
    const server = await S3Server.start();
    return {
      environment: server.environment,
      keys: async () => ofOrganizations(await server.keys()),
      leave: () => server.kill(),
      comeBack: () => server.resume(),
      stop: () => server.stop(),
    };
  },
  supabase: async () => {
    const storage = await StorageServer.start();
    const made = await startMigratedProject(inject('testDatabaseUrl'), { roundTripMs: 1, storage });
    const admin = new PgExecutor({ connectionString: made.database.adminUrl, poolSize: 2 });
    const isAway = (value: boolean) => {
      storage.isAway = value;
      return Promise.resolve();
    };
    return {
      environment: { ...made.project.environment, MEDIA_STORE: 'supabase' },
      sql: (text, params, options) => admin.query(text, params, options),
      keys: () => Promise.resolve(ofOrganizations(storage.keys('auzap-media'))),
      leave: () => isAway(true),
      comeBack: () => isAway(false),
      stop: async () => {
        await admin.close();
        await made.close();
        await storage.stop();
      },
    };
  },
};

/** By the kind of store. */
export const MEDIA_PLACES: Record<string, () => Promise<MediaPlace>> = {
  local: () => {
    const dataDir = join(tmpdir(), `auzap-media-${randomUUID()}`);
    const folder = join(dataDir, 'media/files');
    return Promise.resolve({
      environment: { DATA_DIR: dataDir },
      keys: async () => {
        const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
        const files = found.filter((entry) => entry.isFile());
        return files.map((file) => relative(folder, join(file.parentPath, file.name)));
      },
      stop: () => rm(dataDir, { recursive: true, force: true }),
    });
  },
  ...DISTANT_PLACES,
};
