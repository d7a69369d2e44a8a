import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { ProxyTrust } from '../http/client-address.js';
import { entityTag } from '../http/entity-tag.js';
import { forwardedPrefix } from '../http/forwarded-prefix.js';
import { baseOf, withBase } from './page-base.js';
import { type Encoding, ENCODINGS, hashOf, type PageFile, readPageFiles } from './page-files.js';

/** What is no view of the page, whoever asks. */
const RESERVED = /^\/(api|health|socket\.io|calendar|admin)(\/|$)/;
const INDEX = '/index.html';
const ONE_YEAR = 'public, max-age=31536000, immutable';

/** Everything from the service itself, nothing inline, nothing in frames. `blob:` is media that was fetched with a token. */
const CONTENT_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'blob:', 'data:'],
  mediaSrc: ["'self'", 'blob:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  workerSrc: ["'self'"],
  baseUri: ["'self'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/**
 * Middleware that shows the console: its files, and its page under every address that a browser goes to and that is none of the API's.
 * @param trust which proxies are believed
 * @param files the page; undefined for the one that was built
 * @returns undefined where it was not built
 */
export function servePage(trust: ProxyTrust, files = readPageFiles()): RequestHandler | undefined {
  const index = files.get(INDEX);
  if (index === undefined) {
    return undefined;
  }
  const html = index.bytes.identity.toString('utf8');
  const policy = helmet.contentSecurityPolicy({ useDefaults: false, directives: CONTENT_POLICY });

  const sendIndex = (request: Request, response: Response): void => {
    const page = withBase(html, baseOf(request.path, forwardedPrefix(request, trust)));
    response.set({ 'Cache-Control': 'no-cache', ETag: entityTag(hashOf(page)) });
    response.vary('Accept').type(index.type).send(page);
  };

  return function page(request: Request, response: Response, next: NextFunction): void {
    const { method, path } = request;
    if ((method !== 'GET' && method !== 'HEAD') || RESERVED.test(path)) {
      next();
      return;
    }
    const file = path === INDEX ? undefined : files.get(path);
    const isPage = file === undefined && (path === '/' || isNavigation(request));
    if (file === undefined && !isPage) {
      next();
      return;
    }
    policy(request, response, (error?: unknown) => {
      if (error !== undefined) {
        next(error);
      } else if (file === undefined) {
        sendIndex(request, response);
      } else {
        sendFile(request, response, file);
      }
    });
  };
}

/** A browser that goes somewhere asks for a page by name; whatever takes anything is a program. A missing file is no page. */
function isNavigation(request: Request): boolean {
  return /\btext\/html\b/i.test(request.headers.accept ?? '') && !request.path.startsWith('/assets/');
}

function sendFile(request: Request, response: Response, file: PageFile): void {
  const encoding = encodingFor(request, file);
  const suffix = encoding === 'identity' ? '' : `-${encoding}`;
  response.set({
    'Cache-Control': file.isHashed ? ONE_YEAR : 'no-cache',
    ETag: entityTag(file.hash + suffix),
    'Content-Type': file.type,
  });
  response.vary('Accept-Encoding');
  if (encoding !== 'identity') {
    response.set('Content-Encoding', encoding);
  }
  response.send(file.bytes[encoding]);
}

function encodingFor(request: Request, { bytes }: PageFile): Encoding {
  const match = ENCODINGS.find(
    ([encoding]) => bytes[encoding] !== undefined && request.acceptsEncodings(encoding) === encoding,
  );
  return match?.[0] ?? 'identity';
}
