import { crc32, deflateSync } from 'node:zlib';

/** A black PNG of one bit for each pixel. @param rows as many as there are, each with a byte before it */
export function pngOfSize(width: number, height: number, rows: Buffer): Buffer {
  const chunk = (name: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), content]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(content.length);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head[8] = 1;
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A lossless WebP of one colour takes no bits for its pixels: with other measures in its head it is a bomb. */
export function webpOfSize(webp: Buffer, side: number): Buffer {
  const bytes = Buffer.from(webp);
  const at = bytes.indexOf('VP8L') + 9;
  const head = bytes.readUInt32LE(at);
  bytes.writeUInt32LE(((head & 0xf0000000) | ((side - 1) << 14) | (side - 1)) >>> 0, at);
  return bytes;
}
