import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { HttpFault } from './http-fault.js';

/**
 * Middleware that turns new calls away while the service stops, so that what is in hand can be finished. Probes are still answered:
 * readiness itself says that the process is stopping.
 * @param isStopping whether the application has begun to close
 */
export function shutdownGate(isStopping: () => boolean): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction): void => {
    if (!isStopping() || request.path.startsWith('/health')) {
      next();
      return;
    }
    const headers = { Connection: 'close', 'Retry-After': '5' };
    next(
      new HttpFault('shutting_down', { message: 'The service is stopping; try again in a moment.', headers }),
    );
  };
}
