import type { Socket } from 'node:net';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { KeyedSemaphore } from '../common/keyed-semaphore.js';

/** Requests that wait on one connection; clients that send ahead send a few. */
const MAX_WAITING = 100;

/**
 * Middleware that works on the requests of a connection one after the other, as they are answered. So whoever does not wait for
 * answers has no more under way than others, and who sends on and on is cut off. Comes before whatever costs something.
 */
export function oneAtATime(): RequestHandler {
  const onePerConnection = new KeyedSemaphore<Socket>(1, MAX_WAITING);
  return ({ socket }: Request, response: Response, next: NextFunction): void => {
    if (!onePerConnection.hasPlaceFor(socket)) {
      socket.destroy();
    }
    void onePerConnection.run(socket, async () => {
      if (!socket.destroyed) {
        // Those of other connections come in between.
        const closed = new Promise((resolve) => response.once('close', () => setImmediate(resolve)));
        next();
        await closed;
      }
    });
  };
}
