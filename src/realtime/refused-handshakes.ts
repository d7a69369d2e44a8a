import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { Server } from 'socket.io';
import { AppError } from '../common/app-error.js';
import { toErrorAnswer, toErrorBody } from '../http/error-answer.js';
import { requestIdOf } from '../http/request-id.js';

/** What Engine.IO tells of a request that it refuses. */
interface Refused {
  req: IncomingMessage & { res?: unknown };
  /** Engine.IO's own number for it. */
  code: number;
  message: string;
}

/** Engine.IO's number for a request of an origin that may not call. */
const FORBIDDEN = 4;

/**
 * Requests to the path of Socket.IO that are no handshake, and that are refused before there is a socket, are answered in the shape of all
 * other errors. Engine.IO finds them answered and leaves it at that.
 */
export function answerRefusedHandshakes(engine: Server['engine']): void {
  engine.on('connection_error', ({ req, code, message }: Refused) => {
    const refusal =
      code === FORBIDDEN
        ? new AppError('origin_not_allowed', {
            message: 'This web page may not open a socket; see CORS_ORIGINS.',
          })
        : new AppError('handshake_refused', { message: `This is no handshake of Socket.IO: ${message}.` });
    const body = JSON.stringify(toErrorBody(toErrorAnswer(refusal), requestIdOf(req)));
    answer(req, refusal.status, body);
  });
}

function answer({ res, socket }: Refused['req'], status: number, body: string): void {
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  };
  if (res instanceof ServerResponse) {
    res.writeHead(status, headers).end(body);
  } else if (socket.writable) {
    // An upgrade has no response; Engine.IO destroys its socket next, so that this must leave in one write.
    const lines = Object.entries({ Connection: 'close', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
  }
}
