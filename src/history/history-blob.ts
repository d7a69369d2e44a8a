import { createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import { createInflate } from 'node:zlib';
import { HistoryFault } from '../common/history.js';

/** WhatsApp's label for keys of history. */
const KEYS_OF_HISTORY = 'WhatsApp History Keys';
const MAC_BYTES = 10;
const PIECE_BYTES = 64 * 1024;

/**
 * Decrypts a piece of history, in pieces, after its checksums were compared.
 * @param encrypted as the media server has it
 * @throws HistoryFault `wrong_hash`, `wrong_mac`, before anything of it is given
 */
export function openHistory(
  encrypted: Buffer,
  mediaKey: Uint8Array,
  encSha256: Uint8Array | undefined,
): Readable {
  const hash = createHash('sha256').update(encrypted).digest();
  if (encSha256 && !isSame(hash, encSha256)) {
    throw new HistoryFault('wrong_hash', true);
  }
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), KEYS_OF_HISTORY, 112));
  const [iv, cipherKey, macKey] = [keys.subarray(0, 16), keys.subarray(16, 48), keys.subarray(48, 80)];
  const body = encrypted.subarray(0, -MAC_BYTES);
  const mac = createHmac('sha256', macKey).update(iv).update(body).digest().subarray(0, MAC_BYTES);
  if (encrypted.length <= MAC_BYTES || !isSame(mac, encrypted.subarray(-MAC_BYTES))) {
    throw new HistoryFault('wrong_mac', true);
  }
  return piecesOf(body).pipe(createDecipheriv('aes-256-cbc', cipherKey, iv));
}

/**
 * @param deflated what a piece of history is before it is encrypted
 * @param maxBytes of what comes out
 * @returns its bytes, inflated no faster than they are taken
 */
export async function* inflated(
  deflated: Readable,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = createInflate();
  deflated.on('error', (error) => inflate.destroy(error));
  deflated.pipe(inflate);
  let size = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) {
        throw new HistoryFault('too_large', true);
      }
      yield chunk;
    }
  } catch (cause) {
    throw cause instanceof HistoryFault ? cause : new HistoryFault('not_deflated', true, { cause });
  } finally {
    deflated.destroy();
    inflate.destroy();
  }
}

/** @returns bytes that are in memory, as a stream */
export function piecesOf(bytes: Uint8Array): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        yield bytes.subarray(at, at + PIECE_BYTES);
      }
    })(),
    { objectMode: false },
  );
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
