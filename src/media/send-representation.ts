import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { fileHeaders, heldHeaders, isHeld, rangeOf } from './media-headers.js';
import type { Representation } from './media.service.js';

/**
 * Answers with a file, with the part of it that is asked for, or that the caller has it already.
 * @throws AppError `media_gone`, `media_store_unavailable`
 */
export async function sendRepresentation(
  shown: Representation,
  request: Request,
  response: Response,
): Promise<void> {
  if (isHeld(request, shown.etag)) {
    heldHeaders(shown, response);
    response.status(304).end();
    return;
  }
  fileHeaders(shown, response);
  const range = shown.size === undefined ? 'whole' : rangeOf(request, shown.size, shown.etag);
  if (range === 'unsatisfiable') {
    response.status(416).set('Content-Range', `bytes */${shown.size}`).end();
    return;
  }
  if (range !== 'whole') {
    response.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${shown.size}`);
  }
  const length = range === 'whole' ? shown.size : range.end - range.start + 1;
  if (length !== undefined) {
    response.set('Content-Length', String(length));
  }
  if (request.method === 'HEAD' || length === 0) {
    response.end();
    return;
  }
  const bytes = await shown.open(range === 'whole' ? undefined : range).catch((error: unknown) => {
    // The answer is about the failure now.
    ['Content-Length', 'Content-Range', 'Content-Disposition', 'Accept-Ranges', 'ETag'].forEach((name) =>
      response.removeHeader(name),
    );
    response.status(200);
    throw error;
  });
  // A pipeline listens to its end several times over, beside those who count and log the call.
  response.setMaxListeners(20);
  try {
    await pipeline(bytes, response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      throw error; // the answer is cut off: what came of it must not look whole
    }
  }
}
