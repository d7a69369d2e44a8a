import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { AppError } from '../common/app-error.js';
import { bringsFile } from './multipart-type.js';

/**
 * Largest body that is read, after decompression: larger than any valid one. The longest text that a field takes (65,536 characters) has
 * 786,432 bytes where each is an emoji and escaped (`\uXXXX\uXXXX`), as Python writes them.
 */
export const MAX_BODY_BYTES = 1024 * 1024;
/** As far as the bodies of callers are read who are not known, and who are refused anyhow. */
const MAX_STRANGERS_BYTES = 100 * 1024;

/** Nothing of this API nests deeper than two levels; what walks a value recursively must be safe. */
const MAX_DEPTH = 16;

/**
 * What `curl -d '{…}'` says when nobody tells it otherwise. The documentation's examples do that, and no route takes
 * forms, so the body is read as the JSON that it is.
 */
const CURL_DEFAULT_TYPE = 'application/x-www-form-urlencoded';

/** What the parser calls a body over its limit. */
const TOO_LARGE = 'entity.too.large';

/**
 * Middleware that reads bodies. One of a stranger that is long is left unread, for the guard to refuse its caller.
 * JSON is accepted as `application/json`, `application/*+json`, without a content type, and as
 * `application/x-www-form-urlencoded` (see above).
 * Errors: 400 `invalid_json`, `invalid_body`; 413 `body_too_large`; 415 `unsupported_media_type`, `unsupported_encoding`.
 * @param isKnown whether the caller showed a valid token, or needs none
 */
export function jsonBody(isKnown: (request: IncomingMessage) => boolean): RequestHandler {
  const parserUpTo = (limit: number) => express.json({ limit, type: isJson, verify: refuseBrokenText });
  const parseKnown = parserUpTo(MAX_BODY_BYTES);
  const parseStrange = parserUpTo(MAX_STRANGERS_BYTES);
  // The name tells Nest that a JSON parser is there, so that it does not add its own.
  return function jsonParser(request: Request, response: Response, next: NextFunction): void {
    if (bringsFile(request)) {
      next();
      return;
    }
    if (hasBody(request) && !isJson(request)) {
      next(new AppError('unsupported_media_type'));
      return;
    }
    const isStrange = !isKnown(request);
    const parse = isStrange ? parseStrange : parseKnown;
    parse(request, response, (error?: unknown) => {
      if (isStrange && isTooLarge(error)) {
        next();
      } else if (error !== undefined) {
        next(toFault(error));
      } else if (isDeeperThan(request.body, MAX_DEPTH)) {
        next(
          new AppError('invalid_json', { message: `The body is nested more than ${MAX_DEPTH} levels deep.` }),
        );
      } else {
        next();
      }
    });
  };
}

/** @returns whether a body follows the headers of a request */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function isJson(request: IncomingMessage): boolean {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  return (
    type === '' ||
    type === 'application/json' ||
    type === CURL_DEFAULT_TYPE ||
    /^application\/[^/]+\+json$/.test(type)
  );
}

/** Broken UTF-8 would be stored as replacement characters. */
function refuseBrokenText(
  _request: IncomingMessage,
  _response: unknown,
  body: Buffer,
  encoding: string,
): void {
  if (encoding === 'utf-8' && !isUtf8(body)) {
    throw new Error('not UTF-8');
  }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return depth === 0 || Object.values(value).some((child) => isDeeperThan(child, depth - 1));
}

function isTooLarge(error: unknown): boolean {
  return (error as { type?: string } | undefined)?.type === TOO_LARGE;
}

/** The parser's errors carry the body: nothing of them is kept, not even as a cause. */
function toFault(error: unknown): AppError {
  const { type } = error as { type?: string };
  switch (type) {
    case TOO_LARGE:
      return new AppError('body_too_large');
    case 'entity.parse.failed':
      return new AppError('invalid_json');
    case 'entity.verify.failed':
      return new AppError('invalid_json', { message: 'The body is not valid UTF-8.' });
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new AppError('unsupported_encoding');
    default:
      return new AppError('invalid_body');
  }
}
