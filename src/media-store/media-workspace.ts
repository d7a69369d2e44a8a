import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../common/app-error.js';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
/** What the database, logs and others need of the same disk. */
const MIN_FREE_BYTES = 256 * 1024 ** 2;
/** So much is written before it is flushed to the disk. */
const FLUSH_BYTES = 8 * 1024 ** 2;

/** A file that was received and belongs nowhere yet. Whoever has it removes it, or hands it on. */
export interface IncomingFile {
  path: string;
  size: number;
  /** Of its bytes. */
  sha256: Buffer;
}

export interface IncomingBounds {
  maxBytes: number;
  /** Ends it with what it is aborted with. */
  signal?: AbortSignal | undefined;
}

/** The folder for files that are being received. None is worth anything after its process, so old ones are swept away. */
export class MediaWorkspace {
  /** @param folder made when the first file comes */
  constructor(private readonly folder: string) {}

  /**
   * Writes what comes to a file, as it comes: memory does not grow with it.
   * @param source is destroyed where it goes wrong
   * @throws AppError `media_too_large`, `media_disk_full`; what the source or the signal says. Nothing is left of the file then
   */
  async receive(
    source: AsyncIterable<Uint8Array>,
    { maxBytes, signal }: IncomingBounds,
  ): Promise<IncomingFile> {
    await this.assertRoom();
    const path = this.newPath();
    const hash = createHash('sha256');
    let size = 0;
    const counting = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        size += chunk.byteLength;
        if (size > maxBytes) {
          done(new AppError('media_too_large'));
          return;
        }
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      const file = await open(path, 'wx', PRIVATE_FILE);
      try {
        const target = (pieces: AsyncIterable<Buffer>) => writeEvenly(file, pieces);
        await pipeline(source, counting, target, signal === undefined ? {} : { signal });
      } finally {
        await file.close();
      }
      return { path, size, sha256: hash.digest() };
    } catch (error) {
      await this.discard(path);
      throw signal?.aborted ? signal.reason : asDiskFault(error);
    }
  }

  /** @returns a path in the workspace at which nothing is yet */
  newPath(): string {
    return join(this.folder, randomUUID());
  }

  /** Removes a file of the workspace, if it is there. */
  async discard(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  /**
   * Removes what processes left that ended in the middle.
   * @param idleMs nobody writes to a file to which nothing was written for so long
   * @returns how many files it was
   */
  async sweep(idleMs: number): Promise<number> {
    const names = await readdir(this.folder).catch(() => []);
    let removed = 0;
    for (const name of names) {
      const path = join(this.folder, name);
      const entry = await stat(path).catch(() => undefined);
      if (entry?.isFile() && entry.mtimeMs < Date.now() - idleMs) {
        await this.discard(path);
        removed += 1;
      }
    }
    return removed;
  }

  private async assertRoom(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: PRIVATE_FOLDER });
    const { bavail, bsize } = await statfs(this.folder);
    if (bavail * bsize < MIN_FREE_BYTES) {
      throw new AppError('media_disk_full');
    }
  }
}

/** Brings pieces to the disk in portions: a flush of all at once holds up every commit of a database on the same disk. */
async function writeEvenly(file: FileHandle, pieces: AsyncIterable<Buffer>): Promise<void> {
  let unflushed = 0;
  for await (const piece of pieces) {
    await file.writeFile(piece);
    unflushed += piece.length;
    if (unflushed >= FLUSH_BYTES) {
      await file.datasync();
      unflushed = 0;
    }
  }
}

function asDiskFault(error: unknown): unknown {
  const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
  return isFull ? new AppError('media_disk_full', { cause: error }) : error;
}
