import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { findCallerOf } from '../auth/request-caller.js';
import { entryOf, isChange } from './audit-entry.js';
import type { AuditLog } from './audit-log.js';
import { isNoted } from './audit.interceptor.js';

/**
 * Middleware that notes changes which the guard refused to a caller whom it knows: they never come as far as the
 * interceptor. Whoever has no valid token is nobody, and could fill the log.
 */
export function auditRefusals(audit: AuditLog): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (isChange(request.method)) {
      response.once('finish', () => {
        if (response.statusCode === 403 && findCallerOf(request) && !isNoted(request)) {
          audit.recordLater({ ...entryOf(request), outcome: 'refused', status: 403 });
        }
      });
    }
    next();
  };
}
