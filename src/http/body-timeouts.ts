import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { hasBody } from './json-body.js';
import { bringsFile } from './multipart-type.js';

/** How long bodies of requests may take, in ms. */
export interface BodyTimes {
  /** For all of a body that is no file. */
  wholeMs: number;
  /** A file may take as long as it likes while it brings so many bytes in each such time. */
  windowMs: number;
  windowBytes: number;
}

/** A line of 32 kbit/s is fast enough, and what stalls or drips is not. */
export const BODY_TIMES: BodyTimes = { wholeMs: 30_000, windowMs: 30_000, windowBytes: 120_000 };

/**
 * Bounds how long the body of a request takes to come. Node's own bound for whole requests is the same for all, and files of a
 * hundred MB come by slow lines, too.
 * @param server before it listens; its `requestTimeout` is turned off
 * @param onLate ends a connection; nothing was answered on it yet
 */
export function limitBodyTimes(server: Server, times: BodyTimes, onLate: (socket: Socket) => void): void {
  server.requestTimeout = 0;
  server.prependListener('request', (request, response) => {
    if (hasBody(request)) {
      watch(request, response, times, onLate);
    }
  });
}

function watch(
  request: IncomingMessage,
  response: ServerResponse,
  { wholeMs, windowMs, windowBytes }: BodyTimes,
  onLate: (socket: Socket) => void,
): void {
  const { socket } = request;
  const begun = performance.now();
  let bytes = socket.bytesRead;
  // What comes behind an answer, of a caller who was refused for instance, is nobody's file.
  const isFile = () => bringsFile(request) && !response.writableEnded;
  const look = () => {
    if (request.complete || socket.destroyed) {
      return;
    }
    const comes = isFile() && socket.bytesRead - bytes >= windowBytes;
    // A timer may go off a little early.
    const leftMs = wholeMs - (performance.now() - begun);
    if (comes || leftMs > 0) {
      bytes = socket.bytesRead;
      timer = setTimeout(look, comes ? windowMs : leftMs).unref();
    } else if (response.headersSent) {
      socket.destroy();
    } else {
      onLate(socket);
    }
  };
  let timer = setTimeout(look, isFile() ? windowMs : wholeMs).unref();
  const over = () => clearTimeout(timer);
  request.once('end', over);
  request.once('close', over);
}
