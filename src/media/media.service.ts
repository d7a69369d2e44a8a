import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { DomainEventBus } from '../common/domain-events.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { fileKey, thumbnailKey } from '../media-store/media-keys.js';
import { type ByteRange, MediaMissingError } from '../media-store/media-store.js';
import { MediaStores } from '../media-store/media-stores.js';
import { type FoundMedia, MessageMediaRepository } from '../repositories/message-media.repository.js';
import { safeFileName } from '../common/file-name.js';
import type { ShownFile } from './media-headers.js';

/** A file as it is answered. */
export interface Representation extends ShownFile {
  /** @throws AppError `media_gone`, `media_store_unavailable` */
  open(range?: ByteRange): Promise<Readable>;
}

type ReadyMedia = FoundMedia & {
  media: NonNullable<FoundMedia['media']>;
  file: NonNullable<FoundMedia['file']>;
};

/** The files of messages, for those who may read them. */
@Injectable()
export class MediaService {
  constructor(
    private readonly media: MessageMediaRepository,
    private readonly stores: MediaStores,
    private readonly bus: DomainEventBus,
  ) {}

  /** @throws AppError `message_not_found`, `media_not_found`, `media_not_ready` */
  async fileOf(scope: OrganizationScope, messageId: string): Promise<Representation> {
    const ready = await this.readyOf(scope, messageId);
    const { file, media } = ready;
    return {
      mimeType: file.mimeType,
      fileName: safeFileName(media.fileName) ?? defaultName(media.kind, file.mimeType),
      etag: `"${file.sha256}"`,
      size: file.size,
      open: (range) => this.open(ready, fileKey, range),
    };
  }

  /** @throws AppError `message_not_found`, `media_not_found` where it has no looks, `media_not_ready` */
  async thumbnailOf(scope: OrganizationScope, messageId: string): Promise<Representation> {
    const ready = await this.readyOf(scope, messageId);
    if (!ready.file.hasThumbnail) {
      throw new AppError('media_not_found', { message: 'The file of this message has no thumbnail.' });
    }
    return {
      mimeType: 'image/jpeg',
      fileName: 'thumbnail.jpg',
      etag: `"${ready.file.id}-thumbnail"`,
      open: () => this.open(ready, thumbnailKey),
    };
  }

  /**
   * Has a file that is not there fetched once more.
   * @returns the file as callers are shown it
   * @throws AppError `message_not_found`, `media_not_found`, `media_not_retryable`
   */
  async retry(scope: OrganizationScope, messageId: string): Promise<unknown> {
    const found = await this.find(scope, messageId);
    if (found.media === null) {
      throw new AppError('media_not_found');
    }
    const { media, isRetryable, events } = await this.media.retry(found.organizationId, messageId);
    if (!isRetryable) {
      throw new AppError('media_not_retryable');
    }
    if (events.length > 0) {
      this.bus.emit('events.committed', events);
    }
    return media;
  }

  private async find(scope: OrganizationScope, messageId: string): Promise<FoundMedia> {
    const found = await this.media.find(scope, messageId);
    if (found === null) {
      throw new AppError('message_not_found');
    }
    return found;
  }

  private async readyOf(scope: OrganizationScope, messageId: string): Promise<ReadyMedia> {
    const found = await this.find(scope, messageId);
    const { media, file } = found;
    if (media === null) {
      throw new AppError('media_not_found');
    }
    if (file === null) {
      const why = media.error === null ? '' : ` (${media.error})`;
      throw new AppError('media_not_ready', {
        message: `The file of this message is not there: it is ${media.state}${why}.`,
      });
    }
    return { ...found, media, file };
  }

  private async open(
    { organizationId, file }: ReadyMedia,
    keyOf: typeof fileKey,
    range?: ByteRange,
  ): Promise<Readable> {
    try {
      return await this.stores.of(file.backend).open(keyOf({ organizationId, fileId: file.id }), range);
    } catch (error) {
      throw error instanceof MediaMissingError ? new AppError('media_gone', { cause: error }) : error;
    }
  }
}

const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'audio/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'application/pdf': 'pdf',
};

function defaultName(kind: string, mimeType: string): string {
  return `${kind}.${ENDINGS[mimeType.split(';', 1)[0]!] ?? 'bin'}`;
}
