import type { Readable } from 'node:stream';
import { AppError } from './app-error.js';
import type { OutgoingFile } from './outgoing-content.js';

/** Where the bytes of files are that are to be sent. */
export abstract class OutgoingFiles {
  /**
   * @returns its bytes, from the first; may be called as often as they are needed
   * @throws AppError `media_not_found`
   */
  abstract open(organizationId: string, file: OutgoingFile): Promise<Readable>;
}

/** Where nobody can upload any. */
export class NoOutgoingFiles extends OutgoingFiles {
  override open(): Promise<Readable> {
    return Promise.reject(new AppError('media_not_found'));
  }
}
