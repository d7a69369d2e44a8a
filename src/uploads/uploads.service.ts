import { addAbortSignal, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import type { OutgoingFile, OutgoingMediaType } from '../common/outgoing-content.js';
import { EgressFetch } from '../egress/egress-fetch.js';
import { safeFileName } from '../common/file-name.js';
import { fileKey, type MediaKeyParts, thumbnailKey } from '../media-store/media-keys.js';
import { MediaLibrary } from '../media-store/media-library.js';
import { type IncomingFile, MediaWorkspace } from '../media-store/media-workspace.js';
import { MediaStores } from '../media-store/media-stores.js';
import { makeThumbnail, pictureFacts } from '../media-store/pictures.js';
import { toSticker } from '../media-store/stickers.js';
import { waveformOf } from '../media-store/waveform.js';
import { type Once, once } from '../repositories/once.js';
import { outgoingFile } from './sendable-file.js';
import type { StoredFile } from './stored-file.js';
import { UploadsRepository } from './uploads.repository.js';

/** Largest file that any kind of message takes, in bytes. */
export const MAX_FILE_BYTES = 2_048 * 1024 ** 2;

/** How long an upload waits to be sent, in ms. */
const KEEP_MS = 24 * 60 * 60_000;
/** Of the longest side of what a message shows while its file comes, in pixels. */
const THUMBNAIL_SIZE = 96;
/** How long reading a file from an address may take, in ms. */
const FETCH_MS = 5 * 60_000;
/** How long a call waits for the waveform of its voice note, in ms. */
const WAVEFORM_MS = 10_000;

/** Files that callers bring, or that are at addresses that they name. */
@Injectable()
export class UploadsService {
  constructor(
    private readonly library: MediaLibrary,
    private readonly workspace: MediaWorkspace,
    private readonly stores: MediaStores,
    private readonly uploads: UploadsRepository,
    private readonly egress: EgressFetch,
  ) {}

  /**
   * Takes a file as it comes; memory does not grow with it.
   * @throws AppError `media_too_large`, `media_disk_full`
   */
  receive(source: AsyncIterable<Uint8Array>, maxBytes: number, signal?: AbortSignal): Promise<IncomingFile> {
    return this.workspace.receive(source, { maxBytes, signal });
  }

  /** Of a file that is not wanted any more. */
  discard({ path }: IncomingFile): Promise<void> {
    return this.workspace.discard(path);
  }

  /**
   * @param incoming gone from the workspace afterwards, whatever comes of it
   * @throws AppError `media_quota_exceeded`, `media_store_unavailable`, `validation_failed`
   */
  async keep(organizationId: string, incoming: IncomingFile): Promise<StoredFile> {
    return (await this.keepOnce(organizationId, incoming)).file;
  }

  /**
   * As `keep`, under the caller's name for the call.
   * @throws AppError as `keep`; `idempotency_key_reused`
   */
  async keepOnce(
    organizationId: string,
    incoming: IncomingFile,
    key?: string,
  ): Promise<{ file: StoredFile; isReplay: boolean }> {
    if (incoming.size === 0) {
      await this.discard(incoming);
      throw new AppError('validation_failed', {
        message: 'The input is invalid: file: is empty.',
        details: [{ path: 'file', message: 'is empty' }],
      });
    }
    const { id, seconds } = await this.library.keep(organizationId, incoming);
    const named = once('POST /api/media', key, incoming.sha256.toString('hex'));
    return this.hold(organizationId, id, { seconds, once: named });
  }

  /** @throws AppError `upload_not_found` */
  async find(organizationId: string, id: string): Promise<StoredFile> {
    return (await this.hold(organizationId, id, {})).file;
  }

  private async hold(
    organizationId: string,
    id: string,
    known: { seconds?: number | undefined; once?: Once | undefined },
  ): Promise<{ file: StoredFile; isReplay: boolean }> {
    const held = await this.uploads.hold(organizationId, id, { keepMs: KEEP_MS, ...known });
    if (!held) {
      throw new AppError('upload_not_found');
    }
    return held;
  }

  /**
   * Brings what is at an address, by the guarded way out.
   * @throws AppError `url_not_allowed`, `egress_timeout`, `egress_unreachable`, `media_too_large`, and as `keep`
   */
  async fetch(organizationId: string, url: string, maxBytes: number): Promise<StoredFile> {
    const signal = AbortSignal.timeout(FETCH_MS);
    const { answer: body } = await this.egress.openFollowing(url, { signal });
    const { statusCode: status, headers } = body;
    try {
      if (status !== 200) {
        throw new AppError('egress_unreachable', { message: `The address answered ${status}.` });
      }
      if (Number(headers['content-length'] ?? 0) > maxBytes) {
        throw new AppError('media_too_large');
      }
      return await this.keep(organizationId, await this.receive(body, maxBytes, signal));
    } catch (error) {
      throw signal.aborted ? new AppError('egress_timeout') : error;
    } finally {
      body.destroy();
    }
  }

  /**
   * @param shown.name that the file is to have on the recipient's phone
   * @param shown.thumbnail a picture that is shown of it instead of its own
   * @returns what a message says of a file, as its kind needs it
   */
  async outgoing(
    type: OutgoingMediaType,
    file: StoredFile,
    shown: { name: string | undefined; thumbnail: StoredFile | undefined },
  ): Promise<OutgoingFile> {
    const name = safeFileName(shown.name);
    if (type === 'sticker') {
      const { sticker, isAnimated } = await this.sticker(file);
      return { ...outgoingFile(sticker, name), ...(isAnimated && { isAnimated }) };
    }
    const thumbnail = await this.thumbnail(shown.thumbnail ?? file);
    const waveform = type === 'voice' ? await this.waveform(file) : undefined;
    return {
      ...outgoingFile(file, name),
      ...(thumbnail && { thumbnail }),
      ...(waveform && { waveform }),
    };
  }

  /** Phones show stickers that are WebP of 512 by 512 pixels. */
  private async sticker(file: StoredFile): Promise<{ sticker: StoredFile; isAnimated: boolean }> {
    const bytes = await toSticker(file.organizationId, await this.read(file, fileKey));
    if (bytes === undefined) {
      throw new AppError('validation_failed', {
        message: 'The input is invalid: media: is no picture that a sticker can be made of.',
        details: [{ path: 'media', message: 'is no picture that a sticker can be made of' }],
      });
    }
    const incoming = await this.receive(Readable.from([bytes]), bytes.length);
    const isAnimated = (await pictureFacts(bytes))?.isAnimated === true;
    return { sticker: await this.keep(file.organizationId, incoming), isAnimated };
  }

  /** What is shown while the file comes: smaller than the one that is kept. */
  private async thumbnail(file: StoredFile): Promise<string | undefined> {
    if (!file.hasThumbnail) {
      return undefined;
    }
    const kept = await this.read(file, thumbnailKey);
    return (await makeThumbnail(file.organizationId, kept, THUMBNAIL_SIZE))?.toString('base64');
  }

  /** What phones draw of a voice note: one that can't be decoded, or not in time, goes without. */
  private async waveform(file: StoredFile): Promise<string | undefined> {
    const signal = AbortSignal.timeout(WAVEFORM_MS);
    try {
      const source = addAbortSignal(signal, await this.open(file, fileKey));
      const waveform = await waveformOf(file.organizationId, source, file.seconds ?? 0, signal);
      return waveform?.toString('base64');
    } catch {
      return undefined;
    }
  }

  private async read(file: StoredFile, keyOf: (parts: MediaKeyParts) => string): Promise<Buffer> {
    return buffer(await this.open(file, keyOf));
  }

  private open(
    { organizationId, id: fileId, backend }: StoredFile,
    keyOf: (parts: MediaKeyParts) => string,
  ): Promise<Readable> {
    return this.stores.of(backend).open(keyOf({ organizationId, fileId }));
  }
}
