import { createCipheriv } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { BLOCK_BYTES, MAC_BYTES, encrypted } from './media-cipher.js';
import type { FileHashes, MediaKeys } from './media-cipher.js';
import { PIECE_BYTES } from './plain-file.js';
import type { PlainFile } from './plain-file.js';

/** What the media server serves: encrypted bytes, wherever they come from. */
export interface MediaBody {
  readonly size: number;
  /** The bytes from `start` up to and with `end`. */
  read(start: number, end: number): AsyncIterable<Buffer>;
}

/** An uploaded file, on disk. */
export class StoredBody implements MediaBody {
  constructor(
    readonly path: string,
    readonly size: number,
  ) {}

  read(start: number, end: number): AsyncIterable<Buffer> {
    return createReadStream(this.path, { start, end });
  }
}

/**
 * A file that is encrypted anew each time it is read, so that a gigabyte takes no room. The last block of each piece is kept: from
 * there encryption goes on, wherever reading begins.
 */
export class GeneratedBody implements MediaBody {
  readonly size: number;
  private constructor(
    private readonly plain: PlainFile,
    private readonly keys: MediaKeys,
    private readonly ivs: readonly Buffer[],
    private readonly end: Buffer,
    readonly hashes: FileHashes,
  ) {
    this.size = Math.floor(plain.size / BLOCK_BYTES) * BLOCK_BYTES + BLOCK_BYTES + MAC_BYTES;
  }

  /** Encrypts it once, for its hashes. Lets others run in between. */
  static async make(plain: PlainFile, keys: MediaKeys): Promise<GeneratedBody> {
    const ivs = [keys.iv];
    let end: Buffer = Buffer.alloc(0);
    const run = encrypted(plain.pieces(), keys);
    for (;;) {
      const { done, value } = await run.next();
      if (done) {
        return new GeneratedBody(plain, keys, ivs, end, value);
      }
      if (value.length === PIECE_BYTES) {
        ivs.push(Buffer.from(value.subarray(-BLOCK_BYTES)));
        await new Promise(setImmediate);
      } else {
        end = Buffer.concat([end, value]);
      }
    }
  }

  async *read(start: number, end: number): AsyncIterable<Buffer> {
    let at = Math.floor(start / PIECE_BYTES) * PIECE_BYTES;
    while (at <= end) {
      const bytes = this.pieceAt(at / PIECE_BYTES);
      yield bytes.subarray(Math.max(0, start - at), Math.min(bytes.length, end + 1 - at));
      at += bytes.length;
      await new Promise(setImmediate);
    }
  }

  private pieceAt(index: number): Buffer {
    const whole = Math.floor(this.plain.size / PIECE_BYTES);
    if (index >= whole) {
      return this.end;
    }
    const cipher = createCipheriv('aes-256-cbc', this.keys.cipherKey, this.ivs[index] ?? this.keys.iv);
    return cipher.update(this.plain.piece(index));
  }
}
