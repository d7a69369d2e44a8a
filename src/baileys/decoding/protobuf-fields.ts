/** A field of a message, as far as its bytes tell. */
export interface BytesField {
  number: number;
  bytes: Uint8Array;
}

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH_DELIMITED = 2;
const FOUR_BYTES = 5;
/** Of a number of 64 bits. */
const MAX_VARINT_BYTES = 10;

/**
 * Reads a protobuf message that is too large to be held: field by field, as its bytes come.
 * @param chunks of the message
 * @param maxFieldBytes of one field, which is held
 * @returns the fields of its uppermost level that have a length (messages, strings, bytes), in order
 * @throws Error `field_too_large`, `not_protobuf`
 */
export async function* bytesFields(
  chunks: AsyncIterable<Uint8Array>,
  maxFieldBytes: number,
): AsyncGenerator<BytesField, void, undefined> {
  const input = new ByteSource(chunks);
  for (;;) {
    const tag = await input.varint();
    if (tag === undefined) {
      return;
    }
    const wireType = tag & 7;
    if (wireType === VARINT) {
      await input.needVarint();
    } else if (wireType === EIGHT_BYTES || wireType === FOUR_BYTES) {
      await input.take(wireType === EIGHT_BYTES ? 8 : 4);
    } else if (wireType === LENGTH_DELIMITED) {
      const length = await input.needVarint();
      if (length > maxFieldBytes) {
        throw new Error('field_too_large');
      }
      yield { number: Math.floor(tag / 8), bytes: await input.take(length) };
    } else {
      throw new Error('not_protobuf');
    }
  }
}

/** Bytes that come in pieces. */
class ByteSource {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private chunks: Uint8Array[] = [];
  /** In the first chunk. */
  private offset = 0;
  private available = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.iterator = chunks[Symbol.asyncIterator]();
  }

  /** @returns undefined at the end */
  async varint(): Promise<number | undefined> {
    return (await this.has(1)) ? this.needVarint() : undefined;
  }

  async needVarint(): Promise<number> {
    let value = 0;
    for (let place = 0; place < MAX_VARINT_BYTES; place++) {
      const [byte = 0] = await this.take(1);
      value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80) {
        return value;
      }
    }
    throw new Error('not_protobuf');
  }

  async take(length: number): Promise<Uint8Array> {
    if (!(await this.has(length))) {
      throw new Error('not_protobuf');
    }
    const [first = new Uint8Array()] = this.chunks;
    if (first.length - this.offset >= length) {
      const taken = first.subarray(this.offset, this.offset + length);
      this.skip(length);
      return taken;
    }
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const part = this.chunks[0]!.subarray(this.offset, this.offset + length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.skip(part.length);
    }
    return taken;
  }

  private skip(length: number): void {
    this.offset += length;
    this.available -= length;
    if (this.offset === this.chunks[0]?.length) {
      this.chunks.shift();
      this.offset = 0;
    }
  }

  private async has(length: number): Promise<boolean> {
    while (this.available < length) {
      const { value, done } = await this.iterator.next();
      if (done) {
        return false;
      }
      if (value.length > 0) {
        this.chunks.push(value);
        this.available += value.length;
      }
    }
    return true;
  }
}
