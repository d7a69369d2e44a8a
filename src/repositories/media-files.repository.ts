import { Inject, Injectable } from '@nestjs/common';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type JsonFunction, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { answerOf } from './supabase-error.js';

/** A file that is to be stored. */
export interface NewMediaFile {
  organizationId: string;
  sha256: Buffer;
  size: number;
  /** By its content. */
  mimeType: string;
  width?: number | undefined;
  height?: number | undefined;
  seconds?: number | undefined;
  hasThumbnail: boolean;
  backend: string;
}

/** Where a file stands that was asked about before it is stored. */
export type ReservedFile =
  { state: 'stored'; id: string } | { state: 'writing'; id: string } | { state: 'refused'; id: null };

/** A file that nobody needs any more. */
export interface DoomedFile {
  id: string;
  organizationId: string;
  backend: string;
}

/** The `media_files` table: a row is written before its file, and goes after it. */
@Injectable()
export class MediaFilesRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @param quota of the organization, in bytes; null for none
   * @param leaseMs how long storing may take
   */
  reserve(file: NewMediaFile, quota: number | null, leaseMs: number): Promise<ReservedFile> {
    return this.call('reserve_media_file', {
      organization_id: file.organizationId,
      sha256: file.sha256.toString('hex'),
      size: file.size,
      mime_type: file.mimeType,
      width: file.width ?? null,
      height: file.height ?? null,
      seconds: file.seconds ?? null,
      has_thumbnail: file.hasThumbnail,
      backend: file.backend,
      quota,
      lease_seconds: leaseMs / 1_000,
    });
  }

  /**
   * @param graceMs within which something has to refer to it
   * @returns the id of the stored file, maybe another one with the same bytes; null when the reservation was over
   */
  async finish(id: string, graceMs: number): Promise<string | null> {
    const { id: stored } = await this.call<{ id: string | null }>('finish_media_file', {
      id,
      lease_seconds: graceMs / 1_000,
    });
    return stored;
  }

  /** @returns files to be removed from their stores within the lease; others get them afterwards */
  async doom(limit: number, leaseMs: number): Promise<DoomedFile[]> {
    const rows = await this.call<{ id: string; organization_id: string; backend: string }[]>(
      'doom_media_files',
      { limit, lease_seconds: leaseMs / 1_000 },
    );
    return rows.map(({ id, organization_id, backend }) => ({ id, organizationId: organization_id, backend }));
  }

  /** To be called when they are gone from their stores. */
  async forget(ids: readonly string[]): Promise<void> {
    await this.call('forget_media_files', { ids: [...ids] });
  }

  private call<T extends NonNullable<unknown>>(name: JsonFunction, p: Json): Promise<T> {
    return answerOf<T>(this.client.rpc(name, { p }));
  }
}
