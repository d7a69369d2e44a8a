import { writeFile } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { MediaFilesRepository } from '../repositories/media-files.repository.js';
import { contentTypeOf } from './content-type.js';
import { fileKey, thumbnailKey } from './media-keys.js';
import { MediaStoreSettings } from './media-settings.js';
import { MediaStores } from './media-stores.js';
import { type IncomingFile, MediaWorkspace } from './media-workspace.js';
import { makeThumbnail, pictureFacts } from './pictures.js';
import { type PlayedFacts, playedFacts } from './played-facts.js';

/** What somebody knows about a file that its bytes do not tell. */
export interface FileHints {
  /** A picture for what shows none itself, as of a video; it is made anew, whatever it is. */
  poster?: Uint8Array | undefined;
}

/** A stored file. Whatever refers to it has to do so soon: what nothing refers to is removed. */
export interface KeptFile {
  id: string;
  mimeType: string;
  size: number;
  sha256: Buffer;
  width?: number | undefined;
  height?: number | undefined;
  seconds?: number | undefined;
}

/** Keeps files of organizations, each once. */
@Injectable()
export class MediaLibrary {
  constructor(
    private readonly files: MediaFilesRepository,
    private readonly stores: MediaStores,
    private readonly workspace: MediaWorkspace,
    private readonly settings: MediaStoreSettings,
    private readonly config: AppConfig,
  ) {}

  /**
   * Stores a file, with a thumbnail where it has looks; says what it is by its content.
   * @param incoming gone from the workspace afterwards, whatever comes of it
   * @throws AppError `media_quota_exceeded`, `media_store_unavailable`, `database_unavailable`
   */
  async keep(organizationId: string, incoming: IncomingFile, hints: FileHints = {}): Promise<KeptFile> {
    let thumbnailPath: string | undefined;
    try {
      const mimeType = await contentTypeOf(incoming.path);
      const facts = await this.factsOf(incoming.path, mimeType);
      const thumbnail = await this.thumbnailOf(organizationId, incoming, mimeType, hints);
      const { sha256, size } = incoming;
      const file = {
        organizationId,
        sha256,
        size,
        mimeType,
        ...facts,
        hasThumbnail: thumbnail !== undefined,
        backend: this.stores.current.backend,
      };
      const reserved = await this.files.reserve(
        file,
        this.config.media.quotaBytes,
        this.settings.writeLeaseMs,
      );
      if (reserved.state === 'refused') {
        throw new AppError('media_quota_exceeded');
      }
      const kept = { mimeType, size, sha256, ...facts };
      if (reserved.state === 'stored') {
        return { id: reserved.id, ...kept };
      }
      const parts = { organizationId, fileId: reserved.id };
      const signal = AbortSignal.timeout(this.settings.putMs);
      if (thumbnail) {
        thumbnailPath = this.workspace.newPath();
        await writeFile(thumbnailPath, thumbnail, { mode: 0o600 });
        await this.stores.current.put(thumbnailKey(parts), thumbnailPath, {
          mimeType: 'image/jpeg',
          signal,
        });
      }
      await this.stores.current.put(fileKey(parts), incoming.path, { mimeType, signal });
      const id = await this.files.finish(reserved.id, this.settings.graceMs);
      if (id === null) {
        throw new AppError('media_store_unavailable', { message: 'Storing the file took too long.' });
      }
      return { id, ...kept };
    } finally {
      await this.workspace.discard(incoming.path);
      if (thumbnailPath !== undefined) {
        await this.workspace.discard(thumbnailPath);
      }
    }
  }

  private async factsOf(path: string, mimeType: string): Promise<PlayedFacts> {
    if (!mimeType.startsWith('image/')) {
      return playedFacts(path, mimeType);
    }
    const facts = await pictureFacts(path);
    return { width: facts?.width, height: facts?.height };
  }

  private thumbnailOf(
    organizationId: string,
    { path }: IncomingFile,
    mimeType: string,
    { poster }: FileHints,
  ): Promise<Buffer | undefined> {
    if (mimeType.startsWith('image/')) {
      return makeThumbnail(organizationId, path);
    }
    return poster === undefined || !mimeType.startsWith('video/')
      ? Promise.resolve(undefined)
      : makeThumbnail(organizationId, poster);
  }
}
