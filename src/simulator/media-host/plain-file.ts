/** A file before it is encrypted, which can be read as often as one likes. */
export interface PlainFile {
  readonly size: number;
  /** Its bytes from the beginning, in pieces of `PIECE_BYTES` but for the last. */
  pieces(): Iterable<Buffer>;
  /** One of those pieces. */
  piece(index: number): Buffer;
}

export const PIECE_BYTES = 1024 * 1024;

/** A file that is in memory. */
export class BufferedFile implements PlainFile {
  constructor(private readonly bytes: Buffer) {}

  get size(): number {
    return this.bytes.length;
  }

  *pieces(): Iterable<Buffer> {
    for (let index = 0; index * PIECE_BYTES < this.size; index++) {
      yield this.piece(index);
    }
  }

  piece(index: number): Buffer {
    return this.bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
  }
}

/** A file of any size that takes no room: a beginning that says what it is, then bytes made from a seed, never twice the same. */
export class GeneratedFile implements PlainFile {
  constructor(
    readonly size: number,
    private readonly seed = 0,
    private readonly head: Buffer = Buffer.alloc(0),
  ) {
    if (head.length > Math.min(size, PIECE_BYTES)) {
      throw new Error('the beginning of a generated file must fit into it, and into one piece');
    }
  }

  *pieces(): Iterable<Buffer> {
    for (let index = 0; index * PIECE_BYTES < this.size; index++) {
      yield this.piece(index);
    }
  }

  piece(index: number): Buffer {
    const bytes = Buffer.alloc(Math.min(PIECE_BYTES, this.size - index * PIECE_BYTES), this.seed & 0xff);
    for (let at = 0; at + 8 <= bytes.length; at += 4096) {
      bytes.writeUInt32LE(index, at);
      bytes.writeUInt32LE(this.seed >>> 0, at + 4);
    }
    if (index === 0) {
      this.head.copy(bytes);
    }
    return bytes;
  }
}
