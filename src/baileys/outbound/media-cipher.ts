import { createCipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { OutgoingMediaType } from '../../common/outgoing-content.js';

/** So much of the authentication code is appended to an encrypted file. */
const MAC_BYTES = 10;

/** What WhatsApp calls a kind of file where keys are derived, and where its media hosts take it. */
interface MediaClass {
  info: string;
  path: string;
}

const IMAGE: MediaClass = { info: 'WhatsApp Image Keys', path: '/mms/image' };
const VIDEO: MediaClass = { info: 'WhatsApp Video Keys', path: '/mms/video' };
const AUDIO: MediaClass = { info: 'WhatsApp Audio Keys', path: '/mms/audio' };
const DOCUMENT: MediaClass = { info: 'WhatsApp Document Keys', path: '/mms/document' };

export const MEDIA_CLASSES: Readonly<Record<OutgoingMediaType, MediaClass>> = {
  image: IMAGE,
  sticker: IMAGE,
  video: VIDEO,
  gif: VIDEO,
  video_note: VIDEO,
  audio: AUDIO,
  voice: AUDIO,
  document: DOCUMENT,
};

/** @returns the size of a file of `size` bytes once it is encrypted */
export function encryptedSize(size: number): number {
  return size - (size % 16) + 16 + MAC_BYTES;
}

/**
 * Encrypts a file in pieces, as WhatsApp does. The same key gives the same bytes, so that they need not be kept.
 * @param mediaKey 32 random bytes, of this file alone
 */
export async function* encryptedChunks(
  plain: Readable,
  mediaKey: Uint8Array,
  info: string,
): AsyncGenerator<Buffer> {
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, new Uint8Array(0), info, 112));
  const iv = keys.subarray(0, 16);
  const cipher = createCipheriv('aes-256-cbc', keys.subarray(16, 48), iv);
  const mac = createHmac('sha256', keys.subarray(48, 80)).update(iv);
  for await (const chunk of plain as AsyncIterable<Buffer>) {
    const encrypted = cipher.update(chunk);
    mac.update(encrypted);
    yield encrypted;
  }
  const last = cipher.final();
  mac.update(last);
  yield Buffer.concat([last, mac.digest().subarray(0, MAC_BYTES)]);
}

/** @returns the size and SHA-256 of a file, before and after its encryption */
export async function digestsOf(
  plain: Readable,
  mediaKey: Uint8Array,
  info: string,
): Promise<{ size: number; sha256: Buffer; encryptedSha256: Buffer }> {
  const before = createHash('sha256');
  const after = createHash('sha256');
  let size = 0;
  plain.on('data', (chunk: Buffer) => {
    before.update(chunk);
    size += chunk.length;
  });
  plain.pause();
  for await (const chunk of encryptedChunks(plain, mediaKey, info)) {
    after.update(chunk);
  }
  return { size, sha256: before.digest(), encryptedSha256: after.digest() };
}
