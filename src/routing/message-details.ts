import { Injectable } from '@nestjs/common';
import type { DataKeys } from '../common/data-keys.js';
import type { InboxRow, ReceivedMessage } from '../common/inbox.js';
import type { MediaReference } from '../common/media-reference.js';
import {
  type MediaSource,
  type MessageDetail,
  mediaSourceContext,
  messageSecretContext,
  type SealedMedia,
} from '../repositories/message-detail.js';
import { KeyRing } from '../secrets/key-ring.js';

/** What is said of one message beside its text. */
export type DetailOf = (row: InboxRow, message: ReceivedMessage) => MessageDetail | undefined;

/** Says what is stored of messages beside their texts, with their secrets sealed by the keys of their instances. */
@Injectable()
export class MessageDetails {
  constructor(private readonly ring: KeyRing) {}

  /**
   * Gets the keys that seal the secrets of these messages; asks nobody where there are none.
   * @throws AppError when nobody can say now what seals them
   */
  async of(messages: Iterable<readonly [InboxRow, ReceivedMessage]>): Promise<DetailOf> {
    const instanceIds: string[] = [];
    for (const [row, { media, secret }] of messages) {
      if (media || secret) {
        instanceIds.push(row.instanceId);
      }
    }
    const keys = instanceIds.length > 0 ? await this.ring.forSealing(instanceIds) : undefined;
    return (row, message) => (isPlain(message) ? undefined : detail(row, message, keys?.get(row.instanceId)));
  }
}

function isPlain(message: ReceivedMessage): boolean {
  return (
    message.type === 'text' &&
    !message.metadata &&
    !message.replyTo &&
    !message.mentions &&
    !message.isForwarded &&
    !message.isViewOnce &&
    !message.media &&
    !message.secret
  );
}

function detail(row: InboxRow, message: ReceivedMessage, keys: DataKeys | undefined): MessageDetail {
  const { type, metadata, replyTo, mentions, isForwarded, isViewOnce, media, secret, messageId } = message;
  const known: MessageDetail = { type, metadata, replyTo, mentions, isForwarded, isViewOnce };
  // Where the instance's key was shredded meanwhile, its secrets are to be lost.
  return keys
    ? {
        ...known,
        media: media && sealMedia(row.instanceId, messageId, media, keys),
        secret: secret && keys.seal(secret, messageSecretContext(row.instanceId, messageId)),
      }
    : known;
}

function sealMedia(
  instanceId: string,
  messageId: string,
  { mediaKey, url, directPath, ...shown }: MediaReference,
  keys: DataKeys,
): SealedMedia {
  const source: MediaSource = {
    mediaKey: Buffer.from(mediaKey).toString('base64'),
    url,
    directPath,
    encSha256: shown.encSha256 && Buffer.from(shown.encSha256).toString('base64'),
  };
  const sealed = keys.seal(Buffer.from(JSON.stringify(source)), mediaSourceContext(instanceId, messageId));
  return { ...shown, sealed };
}
