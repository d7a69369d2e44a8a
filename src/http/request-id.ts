import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { holdsToken } from '../common/token-text.js';

const SANE = /^[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$/;
const PHONE_NUMBER = /^\+?\d{8,15}$/;
const ids = new WeakMap<IncomingMessage, string>();

/**
 * The id that names a request in its answer and in every log line about it.
 * @param request an HTTP request; the same object always gets the same id
 * @returns the caller's `x-request-id` where it is short and harmless, otherwise a new UUID
 */
export function requestIdOf(request: IncomingMessage): string {
  const known = ids.get(request);
  if (known !== undefined) {
    return known;
  }
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && isHarmless(given) ? given : randomUUID();
  ids.set(request, id);
  return id;
}

/** It goes into logs. */
function isHarmless(id: string): boolean {
  return SANE.test(id) && !PHONE_NUMBER.test(id) && !holdsToken(id);
}

/** Middleware: puts the request's id on its answer. */
export function tagWithRequestId(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  response.setHeader('x-request-id', requestIdOf(request));
  next();
}
