import type { proto } from '@whiskeysockets/baileys';
import type { MediaKind } from '../media-host/media-cipher.js';
import type { MediaSource } from '../media-host/media-library.js';

/** A file that a message brings. */
export interface ReceivedFile {
  readonly kind: MediaKind;
  readonly source: MediaSource;
  readonly mimetype: string | undefined;
  readonly fileName: string | undefined;
}

/** The message within its wrappers. */
export function innerMessage(message: proto.IMessage): proto.IMessage {
  const inner =
    message.deviceSentMessage?.message ??
    message.ephemeralMessage?.message ??
    message.viewOnceMessage?.message ??
    message.viewOnceMessageV2?.message ??
    message.viewOnceMessageV2Extension?.message ??
    message.documentWithCaptionMessage?.message;
  return inner ? innerMessage(inner) : message;
}

/** The file of a message, if it has one. */
export function fileOf(message: proto.IMessage): ReceivedFile | undefined {
  const body = innerMessage(message);
  const files: readonly [
    MediaKind,
    (MediaSource & { mimetype?: string | null; fileName?: string | null }) | null | undefined,
  ][] = [
    ['image', body.imageMessage],
    ['video', body.videoMessage],
    ['video', body.ptvMessage],
    ['audio', body.audioMessage],
    ['document', body.documentMessage],
    ['sticker', body.stickerMessage],
  ];
  for (const [kind, source] of files) {
    if (source) {
      return {
        kind,
        source,
        mimetype: source.mimetype ?? undefined,
        fileName: source.fileName ?? undefined,
      };
    }
  }
  return undefined;
}
