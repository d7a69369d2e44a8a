import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** SQLite's primary result codes, the lower byte of its extended ones. */
const BUSY = 5;
const IO_ERROR = 10;

/** The file system has no locks to give. */
class NoLocksError extends Error {
  constructor(path: string, cause: unknown) {
    super(
      `The file system of ${path} gives no locks. Keep DATA_DIR on a disk of this machine, or use DATABASE_URL.`,
      {
        cause,
      },
    );
    this.name = 'NoLocksError';
  }
}

/**
 * A lock of the operating system on a file. It ends with the process that holds it, however that ends, and every process
 * of the same kernel sees it, in whatever container. Node gives no such lock; SQLite, which is part of Node, takes one for
 * each transaction (`fcntl`, on Windows `LockFileEx`). Nothing is ever written to the file, so a full disk is no obstacle.
 *
 * Nobody else in this process may open and close the file: POSIX takes all locks of a process from a file of which it
 * closes any descriptor.
 */
export class FileLock {
  private readonly identity: string | undefined;

  private constructor(
    private readonly path: string,
    private readonly database: DatabaseSync,
  ) {
    this.identity = identityOf(path);
  }

  /**
   * @param path of the file, made where missing, empty
   * @returns undefined where somebody has it
   * @throws NoLocksError, or what keeps the file from being made
   */
  static take(path: string): FileLock | undefined {
    makeEmpty(path);
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      // In memory: a journal on the disk would need room.
      database.exec('pragma journal_mode = memory; begin exclusive');
      return new FileLock(path, database);
    } catch (error) {
      database.close();
      const code = Number((error as { errcode?: unknown }).errcode) & 0xff;
      if (code === BUSY) {
        return undefined;
      }
      throw code === IO_ERROR ? new NoLocksError(path, error) : error;
    }
  }

  /** Whether the file at the path still is the one that is locked; one that was put in its place can be locked by others. */
  get isInPlace(): boolean {
    return this.identity !== undefined && identityOf(this.path) === this.identity;
  }

  release(): void {
    this.database.close();
  }
}

/** Private to its owner, which SQLite would not make it. */
function makeEmpty(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  }
}

function identityOf(path: string): string | undefined {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  return file && `${file.dev}:${file.ino}`;
}
