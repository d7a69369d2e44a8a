import { ApiProperty } from '@nestjs/swagger';
import type { StoredFile } from './stored-file.js';

/** A file that can be sent by its id. */
export class UploadResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'image/jpeg', description: 'By its content.' })
  mime_type: string;

  @ApiProperty({ type: Number, example: 48_213, description: 'In bytes.' })
  size: number;

  @ApiProperty({ type: String, description: 'Of its bytes, in hex.' })
  sha256: string;

  @ApiProperty({ type: String, format: 'date-time', description: 'Until when it can be sent.' })
  expires_at: string;
}

/** @returns an upload as REST shows it */
export function toUploadResponse({ id, mimeType, size, sha256, expiresAt }: StoredFile): UploadResponse {
  return { id, mime_type: mimeType, size, sha256, expires_at: expiresAt };
}
