import type { Server } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** So many connections are taken before the next request, as long as some come in: they cost less than it does. */
export const CONNECTIONS_BETWEEN = 4;

/**
 * Middleware that takes up one request at a time while connections are coming in, and some of those in between. Node takes one
 * connection in a turn of the event loop, so whoever connects beside a flood of both would wait for as many turns, each full of
 * requests, as there are connections before it. Of each open connection one request may wait here: comes after `oneAtATime`.
 * @param server whose connections come first
 */
export function connectionFairness(server: Pick<Server, 'on'>): RequestHandler {
  const waiting = new Set<() => void>();
  let isComing = false;
  let isRunning = false;
  server.on('connection', () => (isComing = true));

  const takeUp = async (): Promise<void> => {
    isRunning = true;
    // What is left of this turn brings no connections.
    await nextTurn();
    while (waiting.size > 0) {
      let turn = 0;
      do {
        isComing = false;
        await nextTurn();
        turn += 1;
      } while (isComing && turn < CONNECTIONS_BETWEEN);
      const [first] = waiting;
      if (first) {
        waiting.delete(first);
        first();
      }
    }
    isRunning = false;
    isComing = false;
  };

  return async ({ socket }: Request, response: Response, next: NextFunction): Promise<void> => {
    if (isComing || isRunning) {
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
        // Of a connection that is gone nobody waits: it takes neither a place nor a turn.
        response.once('close', () => waiting.delete(resolve));
        if (!isRunning) {
          void takeUp();
        }
      });
    }
    // A connection that is gone meanwhile has no request any more.
    if (!socket.destroyed) {
      next();
    }
  };
}
