import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '../common/app-error.js';
import { type ByteRange, MediaMissingError, MediaStore } from './media-store.js';

const PRIVATE_FOLDER = 0o700;

/** Keeps media in a folder of this machine, or of one that all processes share. */
export class LocalMediaStore extends MediaStore {
  readonly backend = 'local';

  /** @param folder on the file system of the workspace, so that finished files are moved there and not copied */
  constructor(private readonly folder: string) {
    super();
  }

  async put(key: string, path: string): Promise<void> {
    const target = this.pathOf(key);
    try {
      await mkdir(dirname(target), { recursive: true, mode: PRIVATE_FOLDER });
      await synced(path);
      await rename(path, target);
      await synced(dirname(target));
    } catch (cause) {
      throw new AppError('media_store_unavailable', { cause });
    }
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const path = this.pathOf(key);
    await stat(path).catch((error: unknown) => {
      throw isMissing(error)
        ? new MediaMissingError()
        : new AppError('media_store_unavailable', { cause: error });
    });
    return createReadStream(path, range);
  }

  async remove(keys: readonly string[]): Promise<void> {
    try {
      for (const key of keys) {
        await rm(this.pathOf(key), { force: true });
      }
    } catch (cause) {
      throw new AppError('media_store_unavailable', { cause });
    }
  }

  /** Nothing to ask: its folder is made when the first file comes. */
  async check(): Promise<void> {}

  private pathOf(key: string): string {
    return join(this.folder, key);
  }
}

/** A file, or the entry of a file in its folder, is on the disk when this settles. */
async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
