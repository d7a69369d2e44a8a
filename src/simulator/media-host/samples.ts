import { GeneratedFile } from './plain-file.js';

/** Small files of each kind that are what they say; a phone sends them where it is given none. */

/** A picture of 32 × 24 pixels. */
export const SAMPLE_JPEG = Buffer.from(
  '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8' +
    'fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAYACADASIAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAwACBP/E' +
    'ABUQAQEAAAAAAAAAAAAAAAAAAAIA/8QAFwEAAwEAAAAAAAAAAAAAAAAAAwQFAv/EABcRAQEBAQAAAAAAAAAAAAAAAAEAAgP/2gAMAwEAAhEDEQA/AOYiUi2RKRAd' +
    'SfPdgiUi0RKRCdT/AD3ARKRVWVo/NZSJSKqEtQ5rf//Z',
  'base64',
);
export const SAMPLE_JPEG_SIZE = { width: 32, height: 24 };

/** A sticker of 64 × 64 pixels. */
export const SAMPLE_WEBP = Buffer.from(
  'UklGRmgAAABXRUJQVlA4IFwAAAAwBACdASpAAEAAPzmcyF2vKygkoggB4CcJZQZwC+AAXcKQZo6bgHTZ9aAA/tf0PL6qO1MVTAjig+Kwoc7IIwGETKSdaQsIPvFl' +
    'U7ZyIMMVM3Wx931P53zcLHgAAA==',
  'base64',
);

/** A sticker of 16 × 16 pixels with two frames. */
export const SAMPLE_ANIMATED_WEBP = Buffer.from(
  'UklGRpQAAABXRUJQVlA4WAoAAAACAAAADwAADwAAQU5JTQYAAAD/////AABBTk1GMAAAAAAAAAAAAA8AAA8AAGQAAAJWUDggGAAAADABAJ0BKhAAEAAFQHwlpAAD' +
    'cAD+8IIAAEFOTUYwAAAAAAAAAAAADwAADwAAZAAAAFZQOCAYAAAANAEAnQEqEAAQAAAAfCWkAANwAP7r+wAA',
  'base64',
);

export const SAMPLE_PDF = Buffer.from(
  `%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>> endobj
trailer <</Root 1 0 R>>
%%EOF
`,
);

const FRAMES_PER_SECOND = 50;
/** Twenty milliseconds of silence, 48 kHz, one channel. */
const SILENT_FRAME = Buffer.from([0xf8, 0xff, 0xfe]);
const SAMPLES_PER_FRAME = 960;
const PAGE_FRAMES = 200;

/** A voice note, as long as one likes: Opus in an Ogg container, silent. */
export function voiceNote(seconds: number): Buffer {
  const frames = Math.max(1, Math.round(seconds * FRAMES_PER_SECOND));
  return oggOpus(Array.from({ length: frames }, () => SILENT_FRAME));
}

/** @param frames packets of Opus of less than 255 bytes, each of 20 ms */
export function oggOpus(frames: readonly Buffer[]): Buffer {
  const head = Buffer.from('OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
  const tags = Buffer.from('OpusTags\x04\x00\x00\x00auzp\x00\x00\x00\x00', 'latin1');
  const pages = [page(2, 0, 0, [head]), page(0, 0, 1, [tags])];
  for (let first = 0; first < frames.length; first += PAGE_FRAMES) {
    const packets = frames.slice(first, first + PAGE_FRAMES);
    const end = first + packets.length;
    pages.push(page(end === frames.length ? 4 : 0, end * SAMPLES_PER_FRAME, pages.length, packets));
  }
  return Buffer.concat(pages);
}

/** The beginning of a video, as large as one likes; the rest of it is no picture. */
export function videoFile(size: number, seed = 0): GeneratedFile {
  const type = box('ftyp', Buffer.from('isom\x00\x00\x02\x00isomiso2avc1mp41', 'latin1'));
  const data = Buffer.alloc(16);
  data.writeUInt32BE(1, 0);
  data.write('mdat', 4, 'latin1');
  data.writeBigUInt64BE(BigInt(size - type.length), 8);
  return new GeneratedFile(size, seed, Buffer.concat([type, data]));
}

function box(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** A page of an Ogg stream with whole packets of less than 255 bytes. */
function page(flags: number, granule: number, sequence: number, packets: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(27 + packets.length);
  head.write('OggS', 0, 'latin1');
  head[5] = flags;
  head.writeBigUInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(1, 14);
  head.writeUInt32LE(sequence, 18);
  head[26] = packets.length;
  packets.forEach((packet, index) => (head[27 + index] = packet.length));
  const whole = Buffer.concat([head, ...packets]);
  whole.writeUInt32LE(oggChecksum(whole), 22);
  return whole;
}

function oggChecksum(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
    }
  }
  return sum >>> 0;
}
