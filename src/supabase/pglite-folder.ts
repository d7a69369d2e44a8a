import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { closeFolder } from '../common/private-files.js';
import { needRoom } from './disk-room.js';

/**
 * Opens the database in a folder. One that an earlier process began to make, and did not finish, holds nothing that was
 * ever confirmed to anybody, and is made anew.
 *
 * @param folder made where missing; its parent is there, and this process's alone; undefined: in memory
 * @param dump of another database, which one in memory begins with
 * @throws DiskFullError, or an Error that says that it can't be opened
 */
export async function openFolder(folder: string | undefined, dump?: Blob): Promise<PGlite> {
  return folder === undefined ? create(dump && { loadDataDir: dump }) : openOnDisk(folder);
}

async function openOnDisk(folder: string): Promise<PGlite> {
  const unfinished = `${folder}.unfinished`;
  if (existsSync(unfinished)) {
    await rm(folder, { recursive: true, force: true });
  }
  const isNew = !existsSync(folder);
  await needRoom(dirname(folder), isNew);
  if (isNew) {
    await writeFile(unfinished, '', { mode: 0o600 });
  }
  const database = await create({ dataDir: folder });
  // Whatever the folder around it allows, which may be a volume of somebody else.
  closeFolder(folder);
  await rm(unfinished, { force: true });
  return database;
}

/**
 * What initdb chose for a machine of its own is cleared at each start and stays resident: 128 MB of buffers, which one connection
 * over the system's own cache never needs.
 */
const SETTINGS = ['shared_buffers=32MB', 'timezone=UTC'];

function create(options: { dataDir?: string; loadDataDir?: Blob } = {}): Promise<PGlite> {
  const startParams = [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])];
  return PGlite.create({ ...options, startParams });
}

/**
 * Lets go of a database that ended by itself. It must not be asked anything any more, not even to close: it would never
 * answer, and hold up the whole process.
 */
export function abandon(database: PGlite): void {
  const { FS } = (database as unknown as { mod?: { FS?: OpenFiles } }).mod ?? {};
  for (const stream of FS?.streams ?? []) {
    try {
      if (stream) {
        FS?.close(stream);
      }
    } catch {
      // It was no file.
    }
  }
}

/** What is known of the files of a database: without it they stay open until the process ends. */
interface OpenFiles {
  streams: unknown[];
  close(stream: unknown): void;
}
