import type { FileHandle } from 'node:fs/promises';

/** Opus counts in these, whatever was recorded (RFC 7845, 4). */
const SAMPLES_PER_SECOND = 48_000;
const PAGE_HEAD_BYTES = 27;
/** The largest page there is, with the one before it. */
const TAIL_BYTES = 2 * 65_307;

/**
 * @param file of any size: its first page and its end are read
 * @returns how long the Opus in an Ogg file lasts, in seconds; undefined for what is none, or has no end
 */
export async function oggOpusSeconds(file: FileHandle): Promise<number | undefined> {
  const { size } = await file.stat();
  const head = await read(file, 0, 256);
  const lacing = head[26] ?? 0;
  const packet = head.subarray(PAGE_HEAD_BYTES + lacing);
  if (!isPage(head, 0) || packet.length < 12 || packet.subarray(0, 8).toString('latin1') !== 'OpusHead') {
    return undefined;
  }
  const serial = head.readUInt32LE(14);
  const preSkip = packet.readUInt16LE(10);
  const tail = await read(file, Math.max(size - TAIL_BYTES, 0), TAIL_BYTES);
  for (let at = tail.lastIndexOf('OggS'); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf('OggS', at - 1)) {
    const granule =
      isPage(tail, at) && tail.readUInt32LE(at + 14) === serial ? tail.readBigInt64LE(at + 6) : -1n;
    // -1: no packet ends on this page.
    if (granule > 0n) {
      const seconds = (Number(granule) - preSkip) / SAMPLES_PER_SECOND;
      return seconds > 0 ? seconds : undefined;
    }
  }
  return undefined;
}

function isPage(bytes: Buffer, at: number): boolean {
  return (
    bytes.length >= at + PAGE_HEAD_BYTES &&
    bytes.subarray(at, at + 4).toString('latin1') === 'OggS' &&
    bytes[at + 4] === 0
  );
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
