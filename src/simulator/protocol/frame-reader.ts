/** What a client did wrong on the wire; closes that connection and nothing else. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

const INTRO = Buffer.from([0x57, 0x41, 6, 3]);
const LENGTH_BYTES = 3;

/**
 * Cuts a byte stream into WhatsApp frames: `length (3 bytes, big endian) || payload`, after a one-time intro of "WA" 6 3
 * that an "ED" routing prefix may precede. WebSocket message boundaries carry no meaning, so chunks may be cut anywhere.
 */
export class FrameReader {
  private chunks: Buffer[] = [];
  private buffered = 0;
  private needed: number = INTRO.length;
  private introduced = false;

  constructor(private readonly maxFrameBytes: number) {}

  /** Takes the next chunk and returns the frames it completed. Throws ProtocolViolation on a bad intro or an oversized frame. */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    const frames: Buffer[] = [];
    while (this.buffered >= this.needed) {
      const bytes = this.joined();
      const consumed = this.introduced ? this.readFrame(bytes, frames) : this.readIntro(bytes);
      if (consumed === 0) {
        continue;
      }
      this.chunks = consumed < bytes.length ? [bytes.subarray(consumed)] : [];
      this.buffered -= consumed;
    }
    return frames;
  }

  private joined(): Buffer {
    const bytes = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    this.chunks = [bytes ?? Buffer.alloc(0)];
    return this.chunks[0] ?? Buffer.alloc(0);
  }

  private readIntro(bytes: Buffer): number {
    if (bytes[0] === 0x45 && bytes[1] === 0x44) {
      return this.skipRouting(bytes);
    }
    if (!bytes.subarray(0, INTRO.length).equals(INTRO)) {
      throw new ProtocolViolation('bad intro bytes');
    }
    this.introduced = true;
    this.needed = LENGTH_BYTES;
    return INTRO.length;
  }

  private skipRouting(bytes: Buffer): number {
    const header = INTRO.length + LENGTH_BYTES;
    const whole = bytes.length < header ? header : header + bytes.readUIntBE(INTRO.length, LENGTH_BYTES);
    if (whole > this.maxFrameBytes) {
      throw new ProtocolViolation('routing prefix too long');
    }
    if (bytes.length < header || bytes.length < whole) {
      this.needed = whole;
      return 0;
    }
    this.needed = INTRO.length;
    return whole;
  }

  private readFrame(bytes: Buffer, frames: Buffer[]): number {
    const length = bytes.readUIntBE(0, LENGTH_BYTES);
    if (length > this.maxFrameBytes) {
      throw new ProtocolViolation(`frame of ${length} bytes is too long`);
    }
    const whole = LENGTH_BYTES + length;
    if (bytes.length < whole) {
      this.needed = whole;
      return 0;
    }
    frames.push(bytes.subarray(LENGTH_BYTES, whole));
    this.needed = LENGTH_BYTES;
    return whole;
  }
}

/** Puts the three-byte length in front of a payload. */
export function frame(payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, LENGTH_BYTES);
  bytes.set(payload, LENGTH_BYTES);
  return bytes;
}
