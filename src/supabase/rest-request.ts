import { RestError, unsupported } from './rest-error.js';
import { parseFilter, type RestFilter } from './rest-filter.js';
import { parsePreferences, parseRange, resolutionOf, wantsOneObject } from './rest-headers.js';

export interface SelectedColumn {
  column: string;
  alias: string;
}

export interface OrderTerm {
  column: string;
  direction: 'asc' | 'desc';
  nulls: 'first' | 'last' | undefined;
}

export type RestMethod = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE';

/** A request in the subset's words; names are not checked against the schema yet. */
export interface RestRequest {
  method: RestMethod;
  target: { kind: 'table' | 'function'; name: string };
  /** `*` or a list. */
  select: '*' | SelectedColumn[];
  filters: RestFilter[];
  order: OrderTerm[];
  limit: number | undefined;
  offset: number;
  /** Names of the columns that the body fills, where the request says so. */
  columns: string[] | undefined;
  onConflict: string[] | undefined;
  resolution: 'merge' | 'ignore' | undefined;
  returnsRows: boolean;
  countsAll: boolean;
  wantsOneObject: boolean;
  body: unknown;
}

const PATH = /^\/rest\/v1\/(rpc\/)?([^/]+)$/;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE']);
/**
 * @param url the request's address; its path is `/rest/v1/<table>` or `/rest/v1/rpc/<function>`
 * @param init what was given to `fetch`
 * @throws RestError for whatever is not part of the subset
 */
export function parseRequest(
  url: URL,
  init: { method: string; headers: Headers; body: string | undefined },
): RestRequest {
  const path = PATH.exec(decodeURIComponent(url.pathname));
  if (!path?.[2]) {
    throw new RestError(404, 'PGRST125', 'Invalid path specified in request URL');
  }
  if (!METHODS.has(init.method)) {
    throw new RestError(405, 'PGRST117', `Unsupported HTTP method: ${init.method}`);
  }
  const preferences = parsePreferences(init.headers);
  const request: RestRequest = {
    method: init.method as RestMethod,
    target: { kind: path[1] === undefined ? 'table' : 'function', name: path[2] },
    select: '*',
    filters: [],
    order: [],
    ...parseRange(init.headers),
    columns: undefined,
    onConflict: undefined,
    resolution: resolutionOf(preferences),
    returnsRows: preferences.has('return=representation'),
    countsAll: preferences.has('count=exact'),
    wantsOneObject: wantsOneObject(init.headers),
    body: parseBody(init.body),
  };
  for (const [name, value] of url.searchParams) {
    applyParameter(request, name, value);
  }
  return request;
}

function applyParameter(request: RestRequest, name: string, value: string): void {
  switch (name) {
    case 'select':
      request.select = parseSelect(value);
      break;
    case 'order':
      request.order = value.split(',').map(parseOrderTerm);
      break;
    case 'limit':
      request.limit = parseCount(name, value);
      break;
    case 'offset':
      request.offset = parseCount(name, value);
      break;
    case 'columns':
      request.columns = parseNames(value);
      break;
    case 'on_conflict':
      request.onConflict = parseNames(value);
      break;
    default:
      request.filters.push(parseFilter(name, value));
  }
}

function parseSelect(value: string): '*' | SelectedColumn[] {
  if (value === '*' || value === '') {
    return '*';
  }
  return value.split(',').map((term) => {
    const [, alias, column] = /^(?:([\w ]+):)?([\w ]+)$/.exec(term) ?? [];
    if (column === undefined) {
      throw unsupported(`selecting "${term}"`);
    }
    return { column, alias: alias ?? column };
  });
}

function parseOrderTerm(term: string): OrderTerm {
  const [, column, direction, nulls] = /^(\w+)(?:\.(asc|desc))?(?:\.nulls(first|last))?$/.exec(term) ?? [];
  if (column === undefined) {
    throw unsupported(`ordering by "${term}"`);
  }
  return {
    column,
    direction: direction === 'desc' ? 'desc' : 'asc',
    nulls: nulls as 'first' | 'last' | undefined,
  };
}

function parseNames(value: string): string[] {
  return value.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
}

function parseCount(name: string, value: string): number {
  if (!/^\d{1,15}$/.test(value)) {
    throw new RestError(400, 'PGRST100', `"failed to parse ${name} (${value})"`);
  }
  return Number(value);
}

function parseBody(body: string | undefined): unknown {
  if (body === undefined || body === '') {
    return undefined;
  }
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new RestError(400, 'PGRST102', 'Empty or invalid json');
  }
}

/** @throws RestError when the request has parts that its kind does not take */
export function refuse(
  request: RestRequest,
  what: { filters?: boolean; order?: boolean; page?: boolean },
): void {
  if (what.filters && request.filters.length > 0) {
    throw unsupported(`a filter on ${request.method} of this target`);
  }
  if (what.order && request.order.length > 0) {
    throw unsupported(`"order" on ${request.method}`);
  }
  if (what.page && (request.limit !== undefined || request.offset !== 0)) {
    throw unsupported(`"limit" and "offset" on ${request.method}`);
  }
}
