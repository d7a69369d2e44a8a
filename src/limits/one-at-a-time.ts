import type { Socket } from 'node:net';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { Turns } from './turns.js';

/** Requests that wait on one connection; clients that send ahead send a few. */
const MAX_WAITING = 100;

/**
 * Middleware that works on the requests of a connection one after the other, as they are answered. So whoever does not wait for
 * answers has no more under way than others, and who sends on and on is cut off. Comes before whatever costs something.
 */
export function oneAtATime(): RequestHandler {
  const turns = new Turns<Socket>(1, MAX_WAITING);
  return ({ socket }: Request, response: Response, next: NextFunction): void => {
    if (!turns.hasPlaceFor(socket)) {
      socket.destroy();
    }
    void turns.run(socket, async () => {
      if (!socket.destroyed) {
        // Those of other connections come in between.
        const closed = new Promise((resolve) => response.once('close', () => setImmediate(resolve)));
        next();
        await closed;
      }
    });
  };
}
