import type { Readable } from 'node:stream';
import type { MediaStoreKind } from '../config/media-config.js';

/** About a file that is put. */
export interface PutOptions {
  mimeType: string;
  /** Gives it up: whoever put it does not believe in it any more. */
  signal: AbortSignal;
}

/** Bytes from the first to the last that is named. */
export interface ByteRange {
  start: number;
  end: number;
}

/** What no store has under a key that it was asked for. */
export class MediaMissingError extends Error {
  constructor() {
    super('there is no such file in the store');
    this.name = 'MediaMissingError';
  }
}

/**
 * Where the bytes of media are kept, by keys that are chosen here and never by anybody outside (`media-keys.ts`). A key is written
 * once. Rows of `media_files` say what is there: a row is written before its file, and goes after it.
 */
export abstract class MediaStore {
  /** Names the kind of store in the row of a file; a file stays where it was put. */
  abstract readonly backend: MediaStoreKind;

  /**
   * Stores a file; when it settles, the file outlives a crash.
   * @param path of a finished file in the workspace, which is gone afterwards or is the caller's to remove
   * @throws AppError `media_store_unavailable`
   */
  abstract put(key: string, path: string, options: PutOptions): Promise<void>;

  /**
   * @param range of bytes; all of them where it is left out
   * @returns the bytes as they are read, never the whole file in memory; to be destroyed by whoever does not read to the end
   * @throws MediaMissingError, AppError `media_store_unavailable`
   */
  abstract open(key: string, range?: ByteRange): Promise<Readable>;

  /** What is not there is removed, too. @throws AppError `media_store_unavailable` */
  abstract remove(keys: readonly string[]): Promise<void>;

  /**
   * Does once what it will be asked for.
   * @throws MediaStoreFault that says what to do
   */
  abstract check(): Promise<void>;

  /** Ends its connections, once nothing is asked of it any more. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
