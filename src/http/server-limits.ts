import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { AppError } from '../common/app-error.js';
import type { ErrorCode } from '../common/errors/catalogue.js';
import type { AppConfig } from '../config/app-config.js';
import type { ProxyTrust } from './client-address.js';
import { BODY_TIMES, limitBodyTimes } from './body-timeouts.js';
import { ConnectionLimits } from './connection-limits.js';
import { toErrorAnswer, toErrorBody } from './error-answer.js';

const HEADERS_TIMEOUT_MS = 15_000;
/** Longer than the 60 s of common load balancers, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** How often the bounds above are looked after; Node's own half minute would let slow peers stay that much longer. */
const CHECK_INTERVAL_MS = 5_000;
/** A peer that neither sends nor reads for so long is cut off; longer than any call of ours takes to be answered. */
const SILENCE_TIMEOUT_MS = 120_000;
/** For a refused peer to read why. */
const LINGER_MS = 1_000;
const MAX_HEADERS = 200;
/** Then a connection is closed after its answer. */
const MAX_REQUESTS_PER_CONNECTION = 1_000;
const MAX_CONNECTIONS = 10_000;

/** What Node's parser says of requests that never reach the application. */
const REFUSALS: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/**
 * Bounds what a slow, broken or hostile peer can hold, and makes closing quick.
 * @param server the HTTP server, before it listens
 * @returns the connections, for sockets that are let in to be kept
 */
export function limitServer(
  server: Server,
  { connectionsPerAddress }: Pick<AppConfig, 'connectionsPerAddress'>,
  trust: ProxyTrust,
): ConnectionLimits {
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.timeout = SILENCE_TIMEOUT_MS;
  server.maxHeadersCount = MAX_HEADERS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  // Options of `createServer`, which Nest calls; the first is read when the server begins to listen. A request without a host would
  // be answered by Node with nothing; the application has an answer for it (`needsHost`).
  Object.assign(server, { connectionsCheckingInterval: CHECK_INTERVAL_MS, requireHostHeader: false });
  // Node would answer each further one with 503, for as long as they come.
  server.on('dropRequest', (_request: IncomingMessage, socket: Socket) => socket.destroy());
  server.on('clientError', refuse);
  limitBodyTimes(server, BODY_TIMES, (socket) =>
    refuse(
      Object.assign(new Error('the body came too slowly'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
      socket,
    ),
  );
  server.prependListener('request', closeKeptAliveWhenStopping);
  return new ConnectionLimits(server, { total: MAX_CONNECTIONS, perAddress: connectionsPerAddress, trust });
}

/** What can't be parsed never reaches the application; it still gets an answer in the usual shape. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = toErrorAnswer(new AppError(REFUSALS[error.code ?? ''] ?? 'malformed_request'));
  const { status } = answer;
  const body = JSON.stringify(toErrorBody(answer, randomUUID()));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n`;
  // The server lets a peer keep its half open; this one has had its time.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** A closing server waits for its connections: those that are kept alive must not wait for their timeout. */
function closeKeptAliveWhenStopping(this: Server, request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (!this.listening) {
      request.socket.end();
    }
  });
}
