import { createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { MediaFault } from './media-fault.js';

const MAC_BYTES = 10;
const BLOCK_BYTES = 16;
const KEY_BYTES = 32;
/** What a file is longer where WhatsApp has it than in clear, at most. */
export const SEALED_EXTRA_BYTES = BLOCK_BYTES + MAC_BYTES;

/** Which keys a media key stands for depends on what the file is. */
const LABELS: Readonly<Record<string, string>> = {
  image: 'WhatsApp Image Keys',
  sticker: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  video_note: 'WhatsApp Video Keys',
  gif: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  voice: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
};

/** What a file was sealed with, and what its sender says of the sealed bytes. */
export interface SealedFile {
  kind: string;
  mediaKey: Uint8Array;
  encSha256?: Uint8Array | undefined;
}

/**
 * Decrypts a file as it comes, piece by piece. What it gives counts only if it ends without an error: the MAC stands behind all.
 * @param source the bytes as WhatsApp has them
 * @throws MediaFault `media_key_invalid`, and at the end `media_damaged`
 */
export async function* decrypted(
  source: AsyncIterable<Uint8Array>,
  { kind, mediaKey, encSha256 }: SealedFile,
): AsyncGenerator<Buffer> {
  const label = LABELS[kind];
  if (label === undefined || mediaKey.byteLength !== KEY_BYTES) {
    throw new MediaFault('media_key_invalid', 'final');
  }
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, new Uint8Array(0), label, 112));
  const iv = keys.subarray(0, 16);
  const decipher = createDecipheriv('aes-256-cbc', keys.subarray(16, 48), iv);
  const mac = createHmac('sha256', keys.subarray(48, 80)).update(iv);
  const whole = createHash('sha256');
  // The MAC comes last: the end of what is there is held back until more comes.
  let held = Buffer.alloc(0);
  for await (const piece of source) {
    whole.update(piece);
    const end = piece.byteLength - MAC_BYTES;
    // Most pieces are longer than the MAC, and are taken as they are: copies of each would be garbage by the gigabyte.
    const [known, last] =
      end >= 0 ? [[held, piece.subarray(0, end)], piece.subarray(end)] : split(Buffer.concat([held, piece]));
    held = Buffer.from(last);
    for (const part of known.filter(({ byteLength }) => byteLength > 0)) {
      mac.update(part);
      const clear = decipher.update(part);
      if (clear.length > 0) {
        yield clear;
      }
    }
  }
  const isWhole =
    held.length === MAC_BYTES &&
    timingSafeEqual(held, mac.digest().subarray(0, MAC_BYTES)) &&
    (encSha256 === undefined || isSame(whole.digest(), encSha256));
  if (!isWhole) {
    throw new MediaFault('media_damaged', 'retry');
  }
  try {
    yield decipher.final();
  } catch {
    throw new MediaFault('media_damaged', 'retry');
  }
}

/** @returns what is certainly before the MAC, and what may be it */
function split(bytes: Uint8Array): [known: Uint8Array[], last: Uint8Array] {
  const end = Math.max(bytes.byteLength - MAC_BYTES, 0);
  return [[bytes.subarray(0, end)], bytes.subarray(end)];
}

/** @returns whether two hashes are the same */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
