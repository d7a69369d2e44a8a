import { RestError } from './rest-error.js';
import type { RestRequest } from './rest-request.js';

/** What a plan's statement gave. */
export interface RestOutcome {
  /** JSON text of a list. */
  body: string;
  page: number;
  total: number | null;
}

/** @throws RestError PGRST116 when one object was asked for and there is not exactly one */
export function checkSingular(request: RestRequest, outcome: RestOutcome): void {
  if (request.wantsOneObject && outcome.page !== 1) {
    throw new RestError(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', {
      details: `The result contains ${outcome.page} rows`,
    });
  }
}

/** @returns PostgREST's answer */
export function toResponse(request: RestRequest, outcome: RestOutcome): Response {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const headers = { 'content-range': contentRange(request, outcome, isRead) };
  if (!isRead && !request.returnsRows) {
    return new Response(null, { status: request.method === 'POST' ? 201 : 204, headers });
  }
  if (isRead && outcome.total !== null && request.offset > 0 && request.offset >= outcome.total) {
    throw new RestError(416, 'PGRST103', 'Requested range not satisfiable', {
      details: `An offset of ${request.offset} was requested, but there are only ${outcome.total} rows.`,
    });
  }
  const isPartial = isRead && outcome.total !== null && outcome.page < outcome.total;
  const status = request.method === 'POST' ? 201 : isPartial ? 206 : 200;
  // The list has exactly one element here, so its brackets are the first and the last character.
  const body = request.wantsOneObject ? outcome.body.trim().slice(1, -1) : outcome.body;
  return jsonResponse(status, request.method === 'HEAD' ? null : body, headers);
}

/** @returns PostgREST's answer to a request that failed */
export function toErrorResponse(error: RestError): Response {
  return jsonResponse(error.status, JSON.stringify(error.body), {});
}

function jsonResponse(status: number, body: string | null, headers: Record<string, string>): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

function contentRange(request: RestRequest, outcome: RestOutcome, isRead: boolean): string {
  const total = request.countsAll && outcome.total !== null ? String(outcome.total) : '*';
  if (!isRead || outcome.page === 0) {
    return `*/${total}`;
  }
  return `${request.offset}-${request.offset + outcome.page - 1}/${total}`;
}
