import { randomBytes, randomUUID } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';

const MEBIBYTE = 1024 ** 2;
/** Two segments of the write-ahead log: without room for them, opening and closing a database fails. */
const TO_GO_ON = 33;
/** An empty database with all its tables, and a little for what it is made for. */
const TO_BEGIN = 128;

/** There is no room where the embedded database keeps its files. Carries the SQLSTATE of a full disk. */
export class DiskFullError extends Error {
  readonly code = '53100';

  /** @param needed in MiB */
  constructor(folder: string, needed: number, cause?: unknown) {
    super(`The disk of DATA_DIR (${folder}) is full: make room for at least ${needed} MiB.`, { cause });
    this.name = 'DiskFullError';
  }
}

/**
 * @param folder of the embedded database
 * @param isNew whether the database is still to be made
 * @throws DiskFullError
 */
export async function needRoom(folder: string, isNew = false): Promise<void> {
  const needed = isNew ? TO_BEGIN : TO_GO_ON;
  if (!(await hasRoom(folder, needed))) {
    throw new DiskFullError(folder, needed);
  }
}

/** Tries it out: what a file system says of itself leaves quotas out. */
async function hasRoom(folder: string, mebibytes: number): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < mebibytes * MEBIBYTE) {
    return false;
  }
  const path = join(folder, `room.${randomUUID()}`);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      // Chance, because there are disks that keep zeros without taking room for them.
      const chunk = randomBytes(MEBIBYTE);
      for (let written = 0; written < mebibytes; written += 1) {
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return false;
    }
    throw error;
  } finally {
    await rm(path, { force: true });
  }
}
