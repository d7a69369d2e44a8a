import type { Readable } from 'node:stream';
import type { OutgoingFile } from './outgoing-content.js';

/** Where the bytes of files are that are to be sent. */
export abstract class OutgoingFiles {
  /**
   * @returns its bytes, from the first; may be called as often as they are needed
   * @throws AppError `upload_not_found`
   */
  abstract open(organizationId: string, file: OutgoingFile): Promise<Readable>;
}
