import type { RestRequest } from '../../../src/supabase/rest-request.js';
import { AnswerError, errorAnswer, type HostedAnswer, JSON_TYPE } from './answer.js';
import type { RoutineSchema } from './project-schema.js';

/** What the main query gave. */
export interface MainResult {
  body: string;
  page: number;
  total: number | null;
}

/**
 * MainTx.hs, `failNotSingular`; the transaction is given up with it.
 * @throws AnswerError PGRST116
 */
export function checkSingular(request: RestRequest, result: MainResult): void {
  if (request.wantsOneObject && result.page !== 1) {
    throw new AnswerError(
      errorAnswer(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', {
        details: `The result contains ${result.page} rows`,
      }),
    );
  }
}

/**
 * Response.hs, `actionResponse`; RangeQuery.hs, `rangeStatusHeader`. An upsert that inserted nothing is 201 here, 200 there:
 * to supabase-js the same.
 */
export function answerOf(
  request: RestRequest,
  result: MainResult,
  routine: RoutineSchema | undefined,
): HostedAnswer {
  if (routine !== undefined) {
    const headers = { 'content-range': range(0, result.page, null) };
    return routine.returns === 'void'
      ? { status: 204, headers, body: '' }
      : { status: 200, headers: { 'content-type': JSON_TYPE, ...headers }, body: result.body };
  }
  const total = request.countsAll ? result.total : null;
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return readAnswer(request, result, total);
    case 'POST':
      return writeAnswer(request, result, 201, 201, range(0, 0, total));
    case 'PATCH':
      return writeAnswer(request, result, 200, 204, range(0, result.page, total));
    case 'DELETE':
      return writeAnswer(request, result, 200, 204, range(0, 0, total));
  }
}

function readAnswer(request: RestRequest, result: MainResult, total: number | null): HostedAnswer {
  const { offset } = request;
  if (total !== null && offset > total) {
    return errorAnswer(416, 'PGRST103', 'Requested range not satisfiable', {
      details: `An offset of ${offset} was requested, but there are only ${total} rows.`,
    });
  }
  return {
    status: total !== null && result.page < total ? 206 : 200,
    headers: { 'content-type': JSON_TYPE, 'content-range': range(offset, result.page, total) },
    body: request.method === 'HEAD' ? '' : bodyOf(request, result),
  };
}

function writeAnswer(
  request: RestRequest,
  result: MainResult,
  withRows: number,
  without: number,
  contentRange: string,
): HostedAnswer {
  const headers = { 'content-range': contentRange };
  return request.returnsRows
    ? { status: withRows, headers: { 'content-type': JSON_TYPE, ...headers }, body: bodyOf(request, result) }
    : { status: without, headers, body: '' };
}

/** The list has exactly one element where one object is wanted: its brackets are the first and the last character. */
function bodyOf(request: RestRequest, result: MainResult): string {
  return request.wantsOneObject ? result.body.trim().slice(1, -1) : result.body;
}

/** RangeQuery.hs, `contentRangeH`. */
function range(from: number, rows: number, total: number | null): string {
  return `${rows > 0 && total !== 0 ? `${from}-${from + rows - 1}` : '*'}/${total ?? '*'}`;
}
