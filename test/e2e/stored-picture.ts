import { Readable } from 'node:stream';
import type { INestApplicationContext } from '@nestjs/common';
import sharp from 'sharp';
import { MediaLibrary } from '../../src/media-store/media-library.js';
import { MediaWorkspace } from '../../src/media-store/media-workspace.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';

/** A small picture, the same each time. */
export function aPicture(): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 32, channels: 3, background: '#0a7f3f' } })
    .png()
    .toBuffer();
}

/** Stores a file, a picture where none is given, as the file of a message. @returns its bytes */
export async function storePicture(
  app: INestApplicationContext,
  sql: OpenDatabase['sql'],
  organizationId: string,
  messageId: string,
  { bytes, fileName = 'foto.png' }: { bytes?: Buffer; fileName?: string } = {},
): Promise<Buffer> {
  const content = bytes ?? (await aPicture());
  const workspace = app.get(MediaWorkspace, { strict: false });
  const incoming = await workspace.receive(Readable.from([content]), { maxBytes: 10_000_000 });
  const { id } = await app.get(MediaLibrary, { strict: false }).keep(organizationId, incoming);
  await sql('select attach_media($1::text::uuid, $2::text::uuid, $3::text::jsonb)', [
    messageId,
    id,
    JSON.stringify({ kind: 'image', file_name: fileName }),
  ]);
  return content;
}
