import type { Request, Response } from 'express';
import { isShownInline } from '../media-store/content-type.js';
import type { ByteRange } from '../media-store/media-store.js';

/** Whatever a browser makes of it, it runs nothing and has no origin. */
const SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox";

/** What the headers of an answer with bytes say. */
export interface ShownFile {
  mimeType: string;
  fileName: string;
  etag: string;
  /** In bytes; parts of a file whose size is not known can't be had. */
  size?: number | undefined;
}

/** Says what the bytes are, and that nobody is to find out for themselves. Helmet's `nosniff` is on every answer. */
export function fileHeaders(shown: ShownFile, response: Response): void {
  const { mimeType, fileName, size } = shown;
  heldHeaders(shown, response);
  // As RFC 6266 has it, names in any writing included.
  response.attachment(fileName);
  if (isShownInline(mimeType)) {
    const disposition = String(response.get('Content-Disposition'));
    response.set('Content-Disposition', disposition.replace(/^attachment/, 'inline'));
  }
  response.set({
    'Content-Type': mimeType,
    'Content-Security-Policy': SANDBOX,
    ...(size === undefined ? {} : { 'Accept-Ranges': 'bytes' }),
  });
}

/** Says what a caller may do with the bytes that it has. */
export function heldHeaders({ etag }: ShownFile, response: Response): void {
  // Whose access ends must ask again: a copy may be used only when the service says that it may.
  response.set({ 'Cache-Control': 'private, no-cache', ETag: etag });
}

/** @returns whether the caller has these bytes; unlike `request.fresh`, whatever it says about caches on the way */
export function isHeld(request: Request, etag: string): boolean {
  const named = request.get('if-none-match')?.split(',') ?? [];
  return named.some((one) => [etag, '*'].includes(one.trim().replace(/^W\//, '')));
}

/** @returns which part is asked for; several at once, and one of another version of the file, are answered with all of it */
export function rangeOf(request: Request, size: number, etag: string): ByteRange | 'whole' | 'unsatisfiable' {
  const condition = request.get('if-range');
  if (condition !== undefined && condition !== etag) {
    return 'whole';
  }
  const ranges = request.range(size, { combine: true });
  if (ranges === -1) {
    return 'unsatisfiable';
  }
  return ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1
    ? 'whole'
    : { start: ranges[0]!.start, end: ranges[0]!.end };
}
