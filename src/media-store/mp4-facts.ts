import type { FileHandle } from 'node:fs/promises';

/** What an MP4 says of itself; only what it says. */
export interface Mp4Facts {
  seconds?: number;
  /** As it is shown, turned as its camera noted. */
  width?: number;
  height?: number;
}

/** More boxes than the index of any real file has above its tables. */
const MAX_BOXES = 500;
/** `tkhd` of version 1, the largest that is looked into. */
const MAX_READ_BYTES = 104;
const INSIDE: ReadonlySet<string> = new Set(['moov', 'trak']);

/**
 * Reads the boxes of an ISO base media file (ISO/IEC 14496-12: MP4, M4A, 3GP, QuickTime) that say how long and how large it is.
 * @param file of any size: a few hundred bytes of it are read
 */
export async function mp4Facts(file: FileHandle): Promise<Mp4Facts> {
  const { size } = await file.stat();
  const facts: Mp4Facts = {};
  let looked = 0;
  const walk = async (from: number, to: number): Promise<void> => {
    for (let at = from; at + 8 <= to && looked < MAX_BOXES;) {
      // Before what is inside: boxes may be in one another without end, too.
      looked += 1;
      const head = await read(file, at, 16);
      if (head.length < 8) {
        return;
      }
      const box = boxOf(head, at, to);
      if (box === undefined) {
        return;
      }
      if (INSIDE.has(box.type)) {
        await walk(box.content, box.end);
      } else if (box.type === 'mvhd') {
        Object.assign(facts, durationOf(await read(file, box.content, MAX_READ_BYTES)));
      } else if (box.type === 'tkhd') {
        // Tracks with sound have no size; of several with pictures the first counts.
        Object.assign(facts, { ...sizeOf(await read(file, box.content, MAX_READ_BYTES)), ...facts });
      }
      at = box.end;
    }
  };
  await walk(0, size);
  return facts;
}

function boxOf(head: Buffer, at: number, to: number) {
  const short = head.readUInt32BE(0);
  const isLong = short === 1 && head.length === 16;
  const size = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? to - at : short;
  const content = at + (isLong ? 16 : 8);
  const end = at + size;
  return end < content ? undefined : { type: head.toString('latin1', 4, 8), content, end: Math.min(end, to) };
}

function durationOf(box: Buffer): Mp4Facts {
  const isLong = box[0] === 1;
  if (box.length < (isLong ? 32 : 20)) {
    return {};
  }
  const scale = box.readUInt32BE(isLong ? 20 : 12);
  const duration = isLong ? Number(box.readBigUInt64BE(24)) : box.readUInt32BE(16);
  // All ones, and 0 where the rest comes in fragments: not known.
  const isKnown = scale > 0 && duration > 0 && duration < (isLong ? 2 ** 63 : 2 ** 32 - 1);
  return isKnown ? { seconds: duration / scale } : {};
}

function sizeOf(box: Buffer): Mp4Facts {
  const matrix = box[0] === 1 ? 52 : 40;
  if (box.length < matrix + 44) {
    return {};
  }
  const width = Math.round(box.readUInt32BE(matrix + 36) / 2 ** 16);
  const height = Math.round(box.readUInt32BE(matrix + 40) / 2 ** 16);
  if (width === 0 || height === 0) {
    return {};
  }
  const isTurned = box.readInt32BE(matrix) === 0 && box.readInt32BE(matrix + 16) === 0;
  return isTurned ? { width: height, height: width } : { width, height };
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
