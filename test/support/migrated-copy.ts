import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { makeServiceHome, type ServiceHome } from './built-service.js';
import type {} from './provided-context.js';

/** @returns what a PGlite in memory begins with; undefined where nobody made it */
export async function migratedDump(): Promise<Blob | undefined> {
  const copies = inject('migratedCopies');
  return copies && new Blob([await readFile(copies.dump)]);
}

/**
 * Puts a migrated database where a service will look for its own.
 * @param dataDir of a service that was not started yet; it makes its database itself where nobody made the copies
 */
export async function copyMigratedFolder(dataDir: string): Promise<void> {
  const copies = inject('migratedCopies');
  if (copies !== undefined) {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await cp(copies.folder, join(dataDir, 'db'), { recursive: true });
  }
}

/** @returns a folder for data and logs in which a service finds its tables: where the first start is not what a test is about */
export async function makeMigratedHome(): Promise<ServiceHome> {
  const home = await makeServiceHome();
  await copyMigratedFolder(home.dataDir);
  return home;
}
