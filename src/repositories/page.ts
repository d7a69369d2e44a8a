import { AppError } from '../common/app-error.js';
import { isIsoTime } from '../common/iso-time.js';

/** One page of a list, newest first. */
export interface Page<T> {
  items: T[];
  /** Opaque; give it back to get the next page. Null on the last page. */
  nextCursor: string | null;
}

/** What every list takes. */
export interface PageRequest {
  /** 1 to 500. */
  limit: number;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
}

/** What a function answers that bounds a page by bytes, too. */
export interface BoundedRows<Row> {
  rows: Row[];
  /** There are more, which were left out because of their size. */
  more: boolean;
}

const MAX_LIMIT = 500;
/** Of the items of a page, as JSON. Functions that read long rows bound their answers by the same (`read_page`). */
const MAX_BYTES = 1024 * 1024;

/**
 * @param request the caller's page
 * @returns how many rows to ask for: one more than wanted, which tells whether another page follows
 */
export function rowsToFetch(request: PageRequest): number {
  return Math.min(Math.max(Math.trunc(request.limit), 1), MAX_LIMIT) + 1;
}

/**
 * Makes the page, which ends after `limit` items or 1 MiB of them, whichever comes first; one item is always in it.
 * @param rows what the query for `rowsToFetch` rows gave
 * @param request the caller's page
 * @param map row to domain object
 * @param keyOf the sort key of a row, as strings
 * @param isCut further rows were left out
 */
export function pageOf<Row, T>(
  rows: Row[],
  request: PageRequest,
  map: (row: Row) => T,
  keyOf: (row: Row) => string[],
  isCut = false,
): Page<T> {
  const items = withinBytes(rows.slice(0, rowsToFetch(request) - 1).map(map));
  const last = rows[items.length - 1];
  const nextCursor =
    (rows.length > items.length || isCut) && last
      ? Buffer.from(JSON.stringify(keyOf(last))).toString('base64url')
      : null;
  return { items, nextCursor };
}

function withinBytes<T>(items: T[]): T[] {
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    return index > 0 && bytes > MAX_BYTES;
  });
  return end < 0 ? items : items.slice(0, end);
}

/** What a part of a sort key must look like. */
interface KeyForm {
  test(part: string): boolean;
}

/**
 * @param cursor what a caller sent as cursor
 * @param patterns what each part of the sort key must look like
 * @returns the parts of the sort key
 * @throws AppError `invalid_cursor`
 */
export function readCursor(cursor: string, patterns: readonly KeyForm[]): string[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (cause) {
    throw invalidCursor(cause);
  }
  const isValid =
    Array.isArray(parts) &&
    parts.length === patterns.length &&
    parts.every((part, index) => typeof part === 'string' && patterns[index]!.test(part));
  if (!isValid) {
    throw invalidCursor();
  }
  return parts as string[];
}

const PRINTED_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d:\d\d$/;
/** A time as the database prints it in JSON. */
export const TIME_KEY: KeyForm = { test: (part) => PRINTED_TIME.test(part) && isIsoTime(part) };
export const UUID_KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const NUMBER_KEY = /^\d{1,18}$/;
/** A place in the order of messages: below 0 in the history. */
export const ORDINAL_KEY = /^-?\d{1,18}$/;

/**
 * @param cursor cursor of a list sorted by creation time and id
 * @returns the filter (PostgREST `or` syntax) of what comes after it
 * @throws AppError `invalid_cursor`
 */
export function olderThan(cursor: string): string {
  const [time, id] = readCreationCursor(cursor);
  return `created_at.lt."${time}",and(created_at.eq."${time}",id.lt.${id})`;
}

/**
 * @param cursor as above
 * @returns creation time and id of the last row before it
 * @throws AppError `invalid_cursor`
 */
export function readCreationCursor(cursor: string): [time: string, id: string] {
  return readCursor(cursor, [TIME_KEY, UUID_KEY]) as [string, string];
}

/** Sort key of lists by creation time and id. */
export function creationKey(row: { created_at: string; id: string }): string[] {
  return [row.created_at, row.id];
}

function invalidCursor(cause?: unknown): AppError {
  const details = [{ path: 'cursor', message: 'is not a cursor of this list' }];
  return new AppError('invalid_cursor', { details, cause });
}
