import { AppError } from '../common/app-error.js';
import type { SocketErrorBody } from './socket-error-body.js';
import type { ClientSocket } from './socket-events.js';

/**
 * @param exception whatever was thrown
 * @returns what the client is told of it: nothing of an unknown error but a fixed text
 */
export function toSocketError(exception: unknown): SocketErrorBody {
  const { message, code, details, oldest } =
    exception instanceof AppError
      ? exception
      : new AppError('internal_error', { message: 'Something went wrong on our side.' });
  return {
    success: false,
    error: message,
    code,
    ...(details === undefined ? {} : { details }),
    ...(oldest === undefined ? {} : { oldest }),
  };
}

/**
 * Tells a client that its call failed: by acknowledgement where it asked for one, otherwise as an `exception` event.
 * @param args what the client sent with the event; the acknowledgement, if any, is among it
 */
export function answerError(socket: ClientSocket, args: readonly unknown[], body: SocketErrorBody): void {
  const acknowledge = args.findLast((argument) => typeof argument === 'function');
  if (acknowledge) {
    (acknowledge as (body: SocketErrorBody) => void)(body);
  } else {
    socket.emit('exception', body);
  }
}
