const PAGE_HEAD_BYTES = 27;
const MAX_LACING = 255;

/**
 * The packets of the first stream in an Ogg file (RFC 3533), as its pages come; memory does not grow with the file.
 * @param maxBytes of a packet that is larger, so much is given and a byte more
 * @returns for each page the packets that end on it
 * @throws where it is no Ogg, or broken
 */
export async function* oggPackets(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Buffer[]> {
  let bytes: Buffer = Buffer.alloc(0);
  let serial: number | undefined;
  let begun: Buffer = Buffer.alloc(0);
  for await (const piece of source) {
    bytes = Buffer.concat([bytes, piece]);
    for (let length = pageLength(bytes); length <= bytes.length; length = pageLength(bytes)) {
      const page = bytes.subarray(0, length);
      bytes = bytes.subarray(length);
      serial ??= page.readUInt32LE(14);
      if (page.readUInt32LE(14) === serial) {
        const parts = partsOf(page);
        const packets: Buffer[] = [];
        for (const { part, isEnd } of parts) {
          begun = (begun.length === 0 ? part : Buffer.concat([begun, part])).subarray(0, maxBytes + 1);
          if (isEnd) {
            packets.push(begun);
            begun = Buffer.alloc(0);
          }
        }
        yield packets;
      }
    }
  }
}

/** @returns Infinity as long as not even its head is there */
function pageLength(bytes: Buffer): number {
  const lacings = bytes[PAGE_HEAD_BYTES - 1];
  if (lacings === undefined || bytes.length < PAGE_HEAD_BYTES + lacings) {
    return Infinity;
  }
  if (bytes.toString('latin1', 0, 4) !== 'OggS') {
    throw new Error('not an Ogg page');
  }
  return bytes
    .subarray(PAGE_HEAD_BYTES, PAGE_HEAD_BYTES + lacings)
    .reduce((length, lacing) => length + lacing, PAGE_HEAD_BYTES + lacings);
}

/** A packet is as many full lacings as it takes, and one that is not full. */
function partsOf(page: Buffer): { part: Buffer; isEnd: boolean }[] {
  const body = PAGE_HEAD_BYTES + page[PAGE_HEAD_BYTES - 1]!;
  const parts: { part: Buffer; isEnd: boolean }[] = [];
  let [from, to] = [body, body];
  for (const lacing of page.subarray(PAGE_HEAD_BYTES, body)) {
    to += lacing;
    if (lacing < MAX_LACING) {
      parts.push({ part: page.subarray(from, to), isEnd: true });
      from = to;
    }
  }
  return from === to ? parts : [...parts, { part: page.subarray(from, to), isEnd: false }];
}
