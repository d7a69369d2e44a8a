import type { IncomingMessage } from 'node:http';

/** Routes that read forms with a file by themselves, piece by piece. */
const TAKES_FILES = /^\/api\/(?:media|whatsapp\/instances\/[^/]+\/send)\/?(?:\?|$)/;

/** @returns whether the body of a request is a form that may have a file in it */
export function isMultipart(request: Pick<IncomingMessage, 'headers'>): boolean {
  return /^multipart\/form-data\s*;/i.test(request.headers['content-type'] ?? '');
}

/** @returns whether a request brings a file to a route that takes one */
export function bringsFile(request: Pick<IncomingMessage, 'headers' | 'url' | 'method'>): boolean {
  return request.method === 'POST' && isMultipart(request) && TAKES_FILES.test(request.url ?? '');
}
