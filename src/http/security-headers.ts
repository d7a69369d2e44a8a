import type { NextFunction, Request, Response } from 'express';

/** Middleware: headers that keep browsers from guessing types, framing pages and passing addresses on. */
export function securityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.set({
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
  });
  next();
}
