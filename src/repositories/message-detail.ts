import type { ReceivedMessage } from '../common/inbox.js';
import type { MediaReference } from '../common/media-reference.js';
import type { MessageChange, MessageTarget } from '../common/message-change.js';
import { storableJson, storableText } from './column-values.js';

/** What is said of a message beside its text, without any secret in clear. */
export interface MessageDetail {
  type: ReceivedMessage['type'];
  metadata?: ReceivedMessage['metadata'];
  replyTo?: ReceivedMessage['replyTo'];
  mentions?: readonly string[] | undefined;
  isForwarded?: boolean | undefined;
  isViewOnce?: boolean | undefined;
  media?: SealedMedia | undefined;
  /** Opens what is sealed to the message; sealed itself. */
  secret?: Buffer | undefined;
}

/** A file of a message, of which nobody but the service learns where it is and what opens it. */
export type SealedMedia = Omit<MediaReference, 'mediaKey' | 'url' | 'directPath'> & {
  /** A sealed `MediaSource`. */
  sealed: Buffer;
};

/** Where a file is and what opens it. */
export interface MediaSource {
  /** Base64. */
  mediaKey: string;
  url?: string | undefined;
  directPath?: string | undefined;
  /** Base64, as the two hashes beside it. */
  encSha256?: string | undefined;
}

/** What the source of a message's file is bound to, where it is sealed. */
export function mediaSourceContext(instanceId: string, messageId: string): string[] {
  return [instanceId, 'media source', messageId];
}

/** What the secret of a message is bound to, where it is sealed. */
export function messageSecretContext(instanceId: string, messageId: string): string[] {
  return [instanceId, 'message secret', messageId];
}

/** @returns the detail as `ingest_inbox` takes it; undefined for a plain text, which costs nothing more */
export function toDetailArgument(detail: MessageDetail | undefined) {
  return (
    detail && {
      type: detail.type,
      metadata: detail.metadata && storableJson(detail.metadata),
      reply_to: detail.replyTo && {
        whatsapp_message_id: storableText(detail.replyTo.messageId),
        from_me: detail.replyTo.fromMe,
        content: storableText(detail.replyTo.content),
      },
      mentions: detail.mentions && storableJson(detail.mentions),
      is_forwarded: detail.isForwarded || undefined,
      is_view_once: detail.isViewOnce || undefined,
      media: detail.media && toMediaArgument(detail.media),
      secret: detail.secret?.toString('base64'),
    }
  );
}

/** @returns which message is meant, as the database takes it */
export function toTargetArgument({ messageId, fromMe, author }: MessageTarget) {
  return { message_id: storableText(messageId), from_me: fromMe, author: author && { ...author } };
}

/** @returns the change as `ingest_inbox` takes it; of a sealed one only what it is about */
export function toChangeArgument(change: MessageChange) {
  const { kind } = change;
  const target = toTargetArgument(change.target);
  switch (change.kind) {
    case 'edit':
      return {
        kind,
        target,
        content: storableText(change.content),
        metadata: change.metadata && storableJson(change.metadata),
        mentions: change.mentions && storableJson(change.mentions),
      };
    case 'reaction':
      return { kind, target, emoji: storableText(change.emoji) };
    case 'poll_vote':
      return { kind, target, options: storableJson(change.options) };
    case 'event_answer':
      return { kind, target, answer: change.answer };
    case 'pin':
    case 'keep':
      return { kind, target, on: change.on };
    case 'live_location':
      return { kind, target, metadata: storableJson(change.metadata) };
    case 'delete':
    case 'sealed':
      return { kind, target };
  }
}

function toMediaArgument(media: SealedMedia) {
  return {
    kind: media.kind,
    mime_type: media.mimeType && storableText(media.mimeType),
    file_name: media.fileName && storableText(media.fileName),
    size: media.size,
    seconds: media.seconds,
    width: media.width,
    height: media.height,
    sha256: hex(media.sha256),
    enc_sha256: hex(media.encSha256),
    is_animated: media.isAnimated,
    waveform: base64(media.waveform),
    thumbnail: base64(media.thumbnail),
    sealed: media.sealed.toString('base64'),
  };
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex');
}

function base64(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('base64');
}
