import type { IncomingMessage } from 'node:http';
import { AppError } from '../common/app-error.js';

/** Middleware: HTTP/1.1 wants a `Host` header (RFC 9112, 3.2). */
export function needsHost(
  request: IncomingMessage,
  _response: unknown,
  next: (error?: unknown) => void,
): void {
  const isMissing = request.httpVersion === '1.1' && request.headers.host === undefined;
  next(
    isMissing ? new AppError('malformed_request', { message: 'The request has no Host header.' }) : undefined,
  );
}
