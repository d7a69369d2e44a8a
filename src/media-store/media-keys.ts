import { createHash } from 'node:crypto';

/** Of the one file in a bucket that is nobody's: whoever starts writes and reads it, to see whether that works. */
export const CHECK_KEY = 'auzap-check';
/** Under which there never is a file. */
export const ABSENT_KEY = 'auzap-check-absent';

/** Of a file in its store. */
export interface MediaKeyParts {
  organizationId: string;
  /** Of the row in `media_files`. */
  fileId: string;
}

/** @returns under which key a file is stored: each organization has a folder of its own, whatever its id is made of */
export function fileKey({ organizationId, fileId }: MediaKeyParts): string {
  const folder = createHash('sha256').update(organizationId).digest('hex').slice(0, 32);
  return `${folder}/${fileId.slice(0, 2)}/${fileId}`;
}

/** @returns under which key its thumbnail is stored */
export function thumbnailKey(parts: MediaKeyParts): string {
  return `${fileKey(parts)}.thumbnail`;
}
