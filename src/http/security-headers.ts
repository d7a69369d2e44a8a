import { createHash } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { AppConfig } from '../config/app-config.js';

const HSTS_SECONDS = 180 * 24 * 60 * 60;

/** For answers that are no pages: whatever a browser makes of one, it loads and runs nothing. */
const NO_PAGE = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/** For pages of our own: scripts from here alone, none inline; styles are partly inline, images partly data. */
const OWN_PAGE = {
  ...NO_PAGE,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  fontSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
};

/** Middleware: headers that keep browsers from guessing types, framing, sniffing and passing addresses on. */
export function securityHeaders({ isProduction }: Pick<AppConfig, 'isProduction'>): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: NO_PAGE },
    // A page of the same site, on another port or subdomain, may show a QR code as an image.
    crossOriginResourcePolicy: { policy: 'same-site' },
    frameguard: { action: 'deny' },
    // Other names of the operator's domain are none of our business.
    strictTransportSecurity: isProduction && { maxAge: HSTS_SECONDS, includeSubDomains: false },
  });
}

/** Middleware for paths under which a page of ours is shown; comes after `securityHeaders`. */
export function pageHeaders(): RequestHandler {
  return helmet.contentSecurityPolicy({ useDefaults: false, directives: OWN_PAGE });
}

/**
 * Middleware for a page that runs and loads nothing; comes after `securityHeaders`.
 * @param styles the text of its style element
 */
export function staticPageHeaders(styles: string): RequestHandler {
  const hash = createHash('sha256').update(styles).digest('base64');
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: { ...NO_PAGE, styleSrc: [`'sha256-${hash}'`], imgSrc: ['data:'] },
  });
}

/** Middleware: whom an answer is for may lose access, and most of them are about people. */
export function neverStored(_request: Request, response: Response, next: NextFunction): void {
  response.set('Cache-Control', 'no-store');
  next();
}
