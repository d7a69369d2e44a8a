import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { authenticateOnce } from '../auth/authenticate-once.js';
import type { Authenticator } from '../auth/authenticator.js';
import { basicPassword } from '../auth/basic-password.js';
import { bearerToken } from '../auth/bearer-token.js';
import type { CallLimits } from './call-limits.js';
import { rateHeaders } from './rate-headers.js';
import type { RequestPlaces } from './request-places.js';

/** Asked every few seconds by orchestrators, which share addresses with everybody. */
const UNLIMITED = /^\/health(\/|$)/;
/** Paths that are about one instance. */
const INSTANCE = /^\/api\/whatsapp\/instances\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/i;

/**
 * Middleware that counts every HTTP call and refuses those that are too many, in a minute or at a time, before anything of their
 * body is read.
 */
export function limitCalls(
  limits: CallLimits,
  places: RequestPlaces,
  authenticator: Authenticator,
): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    if (!UNLIMITED.test(request.path)) {
      const { authorization } = request.headers;
      const token = bearerToken(authorization) ?? basicPassword(authorization);
      const instanceId = INSTANCE.exec(request.path)?.[1]?.toLowerCase();
      const authenticate = () => authenticateOnce(authenticator, request, token, { instanceId });
      const { address } = await limits.count(request, { token, authenticate }, (states) => {
        response.set(rateHeaders(states));
      });
      // Who may not call is told so by the guard, and has a place of its address until then.
      const principal = await authenticate().catch(() => undefined);
      places.keep(response, { address, principal });
    }
    next();
  };
}
