import { Inject, Injectable } from '@nestjs/common';
import { type Once, onceColumns } from '../repositories/once.js';
import { answerOrNullOf } from '../repositories/supabase-error.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import type { StoredFile } from './stored-file.js';

interface FileRow {
  id: string;
  organization_id: string;
  sha256: string;
  size: number;
  mime_type: string;
  width: number | null;
  height: number | null;
  seconds: number | null;
  has_thumbnail: boolean;
  backend: string;
  expires_at: string;
  is_replay: boolean;
}

/** Files that may be sent: rows of `media_files` that are kept for a while, whether anything refers to them or not. */
@Injectable()
export class UploadsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Keeps a stored file for longer.
   * @param seconds how long it lasts when it is played, where that is known now
   * @param options.once the caller's name for the call that stored it
   * @throws AppError `idempotency_key_reused`
   * @returns the file, and whether an earlier call under the name stored it; null when it is not there, or is another organization's
   */
  async hold(
    organizationId: string,
    id: string,
    {
      keepMs,
      seconds,
      once: named,
    }: { keepMs: number; seconds?: number | undefined; once?: Once | undefined },
  ): Promise<{ file: StoredFile; isReplay: boolean } | null> {
    const p = {
      organization_id: organizationId,
      id,
      keep_seconds: keepMs / 1_000,
      seconds: seconds ?? null,
      ...onceColumns(named),
    };
    const row = await answerOrNullOf<FileRow>(this.client.rpc('hold_media_file', { p }));
    return row && { file: toStoredFile(row), isReplay: row.is_replay };
  }
}

function toStoredFile(row: FileRow): StoredFile {
  return {
    id: row.id,
    organizationId: row.organization_id,
    sha256: row.sha256,
    size: row.size,
    mimeType: row.mime_type,
    width: row.width ?? undefined,
    height: row.height ?? undefined,
    seconds: row.seconds ?? undefined,
    hasThumbnail: row.has_thumbnail,
    backend: row.backend,
    expiresAt: new Date(row.expires_at).toISOString(),
  };
}
