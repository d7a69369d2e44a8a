import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Middleware: lets `If-None-Match` be answered with 304. `fetch` sends `Cache-Control: no-cache` beside it, which Express takes for the
 * wish to be sent everything; it asks caches to look here first (RFC 9111, section 5.2.1.4), which is what the caller does.
 */
export function honourConditions(
  request: IncomingMessage,
  _response: ServerResponse,
  next: () => void,
): void {
  if (request.headers['if-none-match'] !== undefined) {
    delete request.headers['cache-control'];
  }
  next();
}
