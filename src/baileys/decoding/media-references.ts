import type { proto } from '@whiskeysockets/baileys';
import { safeFileName } from '../../common/file-name.js';
import type { MediaKind, MediaReference } from '../../common/media-reference.js';
import { cleanText } from './message-cleaning.js';
import { wholeNumber } from './message-words.js';

type MediaContent =
  | proto.Message.IImageMessage
  | proto.Message.IVideoMessage
  | proto.Message.IAudioMessage
  | proto.Message.IDocumentMessage
  | proto.Message.IStickerMessage;

/** Every field that one of the kinds of files has. */
type AnyMedia = proto.Message.IImageMessage &
  proto.Message.IVideoMessage &
  proto.Message.IAudioMessage &
  proto.Message.IDocumentMessage &
  proto.Message.IStickerMessage;

const KEY_BYTES = 32;
const HASH_BYTES = 32;
const MAX_TYPE_LENGTH = 128;
const MAX_ADDRESS_LENGTH = 4_096;
const MAX_WAVEFORM_BYTES = 256;
const MAX_THUMBNAIL_BYTES = 65_536;
const JPEG_START = Buffer.from([0xff, 0xd8, 0xff]);

/**
 * @param content what a message says of its file; nothing of it is believed beyond its form
 * @returns where it is; undefined where nothing could fetch or open it
 */
export function mediaOf(kind: MediaKind, content: MediaContent): MediaReference | undefined {
  const media: AnyMedia = content;
  const mediaKey = bytesOf(media.mediaKey, KEY_BYTES);
  const directPath = addressOf(media.directPath, '/');
  const url = addressOf(media.url, 'http');
  if (!mediaKey || (directPath === undefined && url === undefined)) {
    return undefined;
  }
  return withoutUndefined({
    kind,
    mediaKey,
    directPath,
    url,
    mimeType: textOf(media.mimetype, MAX_TYPE_LENGTH),
    fileName: safeFileName(media.fileName ?? media.title),
    size: wholeNumber(media.fileLength),
    seconds: wholeNumber(media.seconds),
    width: wholeNumber(media.width) || undefined,
    height: wholeNumber(media.height) || undefined,
    sha256: bytesOf(media.fileSha256, HASH_BYTES),
    encSha256: bytesOf(media.fileEncSha256, HASH_BYTES),
    waveform: shortBytes(media.waveform, MAX_WAVEFORM_BYTES),
    isAnimated: media.isAnimated || media.isLottie || undefined,
    thumbnail: jpegOf(media.jpegThumbnail),
  });
}

function withoutUndefined(reference: MediaReference): MediaReference {
  const entries = Object.entries(reference).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as MediaReference;
}

function textOf(text: string | null | undefined, maxLength: number): string | undefined {
  return cleanText((text ?? '').slice(0, maxLength)) || undefined;
}

/** An address that is cut leads nowhere. */
function addressOf(address: string | null | undefined, start: string): string | undefined {
  return address && address.length <= MAX_ADDRESS_LENGTH && address.startsWith(start)
    ? cleanText(address)
    : undefined;
}

function bytesOf(bytes: Uint8Array | null | undefined, length: number): Uint8Array | undefined {
  return bytes?.length === length ? bytes : undefined;
}

function shortBytes(bytes: Uint8Array | null | undefined, maxLength: number): Uint8Array | undefined {
  return bytes && bytes.length > 0 && bytes.length <= maxLength ? bytes : undefined;
}

function jpegOf(bytes: Uint8Array | null | undefined): Uint8Array | undefined {
  const thumbnail = shortBytes(bytes, MAX_THUMBNAIL_BYTES);
  return thumbnail && JPEG_START.equals(thumbnail.subarray(0, JPEG_START.length)) ? thumbnail : undefined;
}
