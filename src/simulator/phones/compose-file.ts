import { randomBytes } from 'node:crypto';
import type { MediaDescriptor } from '../media-host/media-library.js';
import type { MediaKind } from '../media-host/media-cipher.js';
import type { PlainFile } from '../media-host/plain-file.js';
import {
  SAMPLE_ANIMATED_WEBP,
  SAMPLE_JPEG,
  SAMPLE_JPEG_SIZE,
  SAMPLE_PDF,
  SAMPLE_WEBP,
  videoFile,
  voiceNote,
} from '../media-host/samples.js';
import type { Body, ComposedMessage } from './message-content.js';
import type { Perspective } from './perspective.js';

const VIDEO_BYTES = 20_000;

type FileBody = Extract<
  Body,
  { image: unknown } | { video: unknown } | { document: unknown } | { audio: unknown } | { sticker: unknown }
>;

/** @returns whether a content has a file, which is encrypted before the message can be written */
export function hasFile(content: object): content is FileBody {
  return ['image', 'video', 'document', 'audio', 'sticker'].some((kind) => kind in content);
}

/** Puts the file on the media server and says in the message how to get it. */
export async function composeFile(content: FileBody, view: Perspective): Promise<ComposedMessage> {
  if ('image' in content) {
    const { caption, ...given } = content.image;
    const file = await stored('image', given, SAMPLE_JPEG, 'image/jpeg', view);
    const imageMessage = {
      ...SAMPLE_JPEG_SIZE,
      jpegThumbnail: SAMPLE_JPEG,
      ...(caption && { caption }),
      ...file,
    };
    return { type: 'media', mediatype: 'image', message: { imageMessage } };
  }
  if ('video' in content) {
    const { caption, seconds = 3, gif = false, round = false, ...given } = content.video;
    const file = await stored('video', given, videoFile(VIDEO_BYTES), 'video/mp4', view);
    const video = {
      seconds,
      width: 320,
      height: 240,
      jpegThumbnail: SAMPLE_JPEG,
      ...(caption && { caption }),
      ...(gif && { gifPlayback: true }),
      ...file,
    };
    return round
      ? { type: 'media', mediatype: 'ptv', message: { ptvMessage: video } }
      : { type: 'media', mediatype: gif ? 'gif' : 'video', message: { videoMessage: video } };
  }
  if ('document' in content) {
    const { fileName, caption, ...given } = content.document;
    const file = await stored('document', given, SAMPLE_PDF, 'application/pdf', view);
    const documentMessage = { fileName, title: fileName, ...(caption && { caption }), ...file };
    // Phones wrap a document that has a caption.
    const message = caption
      ? { documentWithCaptionMessage: { message: { documentMessage } } }
      : { documentMessage };
    return { type: 'media', mediatype: 'document', message };
  }
  if ('audio' in content) {
    const { seconds = 3, ptt = true, ...given } = content.audio;
    const file = await stored('audio', given, voiceNote(seconds), 'audio/ogg; codecs=opus', view);
    const waveform = Buffer.from(Array.from({ length: 64 }, (_, at) => (at * 7) % 100));
    const audioMessage = { seconds, ptt, ...(ptt && { waveform }), ...file };
    return { type: 'media', mediatype: ptt ? 'ptt' : 'audio', message: { audioMessage } };
  }
  const { animated = false, ...given } = content.sticker === true ? {} : content.sticker;
  const sample = animated ? SAMPLE_ANIMATED_WEBP : SAMPLE_WEBP;
  const file = await stored('sticker', given, sample, 'image/webp', view);
  const stickerMessage = { width: 64, height: 64, isAnimated: animated, ...file };
  return { type: 'media', mediatype: 'sticker', message: { stickerMessage } };
}

interface Given {
  readonly file?: Buffer | PlainFile;
  readonly mimetype?: string;
  readonly url?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

async function stored(
  kind: MediaKind,
  { file, mimetype, url, claims }: Given,
  sample: Buffer | PlainFile,
  sampleType: string,
  { media }: Perspective,
) {
  const described = url === undefined ? await media.store(kind, file ?? sample) : nowhere(url);
  return {
    ...described,
    mimetype: mimetype ?? sampleType,
    mediaKeyTimestamp: Math.floor(Date.now() / 1000),
    ...claims,
  };
}

function nowhere(url: string): Omit<MediaDescriptor, 'directPath'> {
  return {
    url,
    mediaKey: randomBytes(32),
    fileSha256: randomBytes(32),
    fileEncSha256: randomBytes(32),
    fileLength: 1024,
  };
}
