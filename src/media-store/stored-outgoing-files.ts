import type { Readable } from 'node:stream';
import { AppError } from '../common/app-error.js';
import type { OutgoingFile } from '../common/outgoing-content.js';
import { OutgoingFiles } from '../common/outgoing-files.js';
import { fileKey } from './media-keys.js';
import { MediaMissingError } from './media-store.js';
import type { MediaStores } from './media-stores.js';

/** Files that are to be sent, as the stores of media have them. */
export class StoredOutgoingFiles extends OutgoingFiles {
  constructor(private readonly stores: MediaStores) {
    super();
  }

  override async open(organizationId: string, { id, backend }: OutgoingFile): Promise<Readable> {
    try {
      return await this.stores.of(backend).open(fileKey({ organizationId, fileId: id }));
    } catch (error) {
      throw error instanceof MediaMissingError ? new AppError('upload_not_found') : error;
    }
  }
}
