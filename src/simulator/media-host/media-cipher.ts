import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { expand } from '../protocol/keys.js';

/** What a file is to WhatsApp; decides how its keys are derived and where it is uploaded to. */
export const MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker', 'history', 'link'] as const;

export type MediaKind = (typeof MEDIA_KINDS)[number];

/** The key schedule's label of each kind; stickers count as images. */
const LABELS: Readonly<Record<MediaKind, string>> = {
  image: 'WhatsApp Image Keys',
  sticker: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
  history: 'WhatsApp History Keys',
  link: 'WhatsApp Link Thumbnail Keys',
};

export const BLOCK_BYTES = 16;
export const MAC_BYTES = 10;

/** What a media key expands to. */
export interface MediaKeys {
  readonly iv: Buffer;
  readonly cipherKey: Buffer;
  readonly macKey: Buffer;
}

/** Derives what encrypts and signs a file. */
export function mediaKeys(mediaKey: Uint8Array, kind: MediaKind): MediaKeys {
  const bytes = expand(mediaKey, Buffer.alloc(0), LABELS[kind], 112);
  return { iv: bytes.subarray(0, 16), cipherKey: bytes.subarray(16, 48), macKey: bytes.subarray(48, 80) };
}

/** What a message says of its file. */
export interface FileHashes {
  readonly fileSha256: Buffer;
  readonly fileEncSha256: Buffer;
  readonly fileLength: number;
}

/** Encrypts a file piece by piece as WhatsApp does; the MAC is the last piece. Returns the hashes at its end. */
export async function* encrypted(
  plain: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  keys: MediaKeys,
): AsyncGenerator<Buffer, FileHashes> {
  const cipher = createCipheriv('aes-256-cbc', keys.cipherKey, keys.iv);
  const mac = createHmac('sha256', keys.macKey).update(keys.iv);
  const inner = createHash('sha256');
  const outer = createHash('sha256');
  let fileLength = 0;
  const out = (bytes: Buffer): Buffer => {
    mac.update(bytes);
    outer.update(bytes);
    return bytes;
  };
  for await (const piece of plain) {
    inner.update(piece);
    fileLength += piece.length;
    yield out(cipher.update(piece));
  }
  yield out(cipher.final());
  const tag = mac.digest().subarray(0, MAC_BYTES);
  yield tag;
  return { fileSha256: inner.digest(), fileEncSha256: outer.update(tag).digest(), fileLength };
}

/** A file is not what its message says, or nobody could decrypt it. */
export class SpoiltMedia extends Error {
  override readonly name = 'SpoiltMedia';
}

/**
 * Decrypts a file piece by piece and checks all that a phone checks: length, both hashes, the MAC.
 * @throws SpoiltMedia, at the end where a hash or the MAC is wrong: what was given until then counts only if this does not throw
 */
export async function* decrypted(
  file: AsyncIterable<Buffer>,
  keys: MediaKeys,
  expected: Partial<FileHashes>,
): AsyncGenerator<Buffer> {
  const decipher = createDecipheriv('aes-256-cbc', keys.cipherKey, keys.iv);
  const mac = createHmac('sha256', keys.macKey).update(keys.iv);
  const inner = createHash('sha256');
  const outer = createHash('sha256');
  let length = 0;
  let held: Buffer = Buffer.alloc(0);
  const plain = (bytes: Buffer): Buffer => {
    inner.update(bytes);
    length += bytes.length;
    return bytes;
  };
  for await (const piece of file) {
    outer.update(piece);
    held = Buffer.concat([held, piece]);
    const ready = held.subarray(0, Math.max(0, held.length - MAC_BYTES));
    held = held.subarray(ready.length);
    mac.update(ready);
    yield plain(decipher.update(ready));
  }
  try {
    yield plain(decipher.final());
  } catch {
    throw new SpoiltMedia('the file can not be decrypted with the key of its message');
  }
  const tag = mac.digest().subarray(0, MAC_BYTES);
  if (held.length !== MAC_BYTES || !timingSafeEqual(held, tag)) {
    throw new SpoiltMedia('the MAC of the file is wrong');
  }
  check('fileEncSha256', expected.fileEncSha256, outer.digest());
  check('fileSha256', expected.fileSha256, inner.digest());
  if (expected.fileLength !== undefined && expected.fileLength !== length) {
    throw new SpoiltMedia(`the message says ${expected.fileLength} bytes, the file has ${length}`);
  }
}

function check(name: string, expected: Buffer | undefined, actual: Buffer): void {
  if (expected !== undefined && !expected.equals(actual)) {
    throw new SpoiltMedia(`${name} of the message is not that of the file`);
  }
}
