import { AppError } from '../common/app-error.js';
import { isIsoTime } from '../common/iso-time.js';

/** One page of a list, in the order of the list. */
export interface Page<T> {
  items: T[];
  /** Opaque; give it back to get the next page. Null on the last page. */
  nextCursor: string | null;
  /** Opaque; give it back to get what comes before this page, now or later. Null where the page shows no place in the list. */
  previousCursor: string | null;
}

/** What every list takes. */
export interface PageRequest {
  /** 1 to 500. */
  limit: number;
  /** A cursor of another page of the list. */
  cursor?: string | undefined;
}

/** What a function answers that bounds a page by bytes, too. */
export interface BoundedRows<Row> {
  rows: Row[];
  /** There are more, which were left out because of their size. */
  more: boolean;
}

/** Where a page begins, and in which direction it goes from there. */
export interface PagePlace {
  /** The sort key of the item beside it, as strings; undefined: the list's own beginning. */
  key: string[] | undefined;
  /** Against the order of the list. */
  isBackward: boolean;
}

/** What the rows of a page leave open. */
export interface PageEnd {
  /** Further rows were left out. */
  isCut?: boolean;
  /** So far the list was looked through, where that is not its end. */
  lookedUntil?: string[] | undefined;
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
 * @param rows what the query for `rowsToFetch` rows gave, from the place of the page on
 * @param request the caller's page
 * @param map row to domain object
 * @param keyOf the sort key of a row, as strings
 * @param end what the rows leave open
 */
export function pageOf<Row, T>(
  rows: Row[],
  request: PageRequest,
  map: (row: Row) => T,
  keyOf: (row: Row) => string[],
  { isCut = false, lookedUntil }: PageEnd = {},
): Page<T> {
  const items = withinBytes(rows.slice(0, rowsToFetch(request) - 1).map(map));
  const keys = rows.slice(0, items.length).map(keyOf);
  const { key: start, isBackward } = decode(request.cursor);
  const goesOn = rows.length > items.length || isCut;
  const end = goesOn ? keys.at(-1) : lookedUntil;
  if (!isBackward) {
    const before = keys[0] ?? start;
    return {
      items,
      nextCursor: end ? encode(end, false) : null,
      previousCursor: before ? encode(before, true) : null,
    };
  }
  // Where nothing came meanwhile something may come: the same cursor finds it.
  return {
    items: items.toReversed(),
    nextCursor: encode(keys[0] ?? start!, false),
    previousCursor: encode(end ?? keys.at(-1) ?? start!, true),
  };
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
 * @param request what a caller sent
 * @param forms what each part of the sort key must look like
 * @returns where the page begins
 * @throws AppError `invalid_cursor`
 */
export function placeOf(request: PageRequest, forms: readonly KeyForm[]): PagePlace {
  const place = decode(request.cursor);
  const { key } = place;
  if (key && !(key.length === forms.length && key.every((part, index) => forms[index]!.test(part)))) {
    throw invalidCursor();
  }
  return place;
}

/**
 * @param request what a caller sent, for a list that functions of the database read
 * @param forms as for `placeOf`
 * @returns the arguments of such a function: `before` or, against its order, `after`, with the second part of the key as `…_id`
 * @throws AppError `invalid_cursor`
 */
export function boundOf(
  request: PageRequest,
  forms: readonly KeyForm[],
): { before?: string; before_id?: string; after?: string; after_id?: string } {
  const { key: [place, id] = [], isBackward } = placeOf(request, forms);
  const names = isBackward ? (['after', 'after_id'] as const) : (['before', 'before_id'] as const);
  return { ...(place !== undefined && { [names[0]]: place }), ...(id !== undefined && { [names[1]]: id }) };
}

function encode(key: string[], isBackward: boolean): string {
  return Buffer.from(JSON.stringify(isBackward ? { previous: key } : key)).toString('base64url');
}

/** @throws AppError `invalid_cursor` */
function decode(cursor: string | undefined): PagePlace {
  if (cursor === undefined) {
    return { key: undefined, isBackward: false };
  }
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (cause) {
    throw invalidCursor(cause);
  }
  const isBackward = !Array.isArray(decoded);
  const key = isBackward ? (decoded as { previous?: unknown } | null)?.previous : decoded;
  if (!Array.isArray(key) || !key.every((part) => typeof part === 'string')) {
    throw invalidCursor();
  }
  return { key, isBackward };
}

const PRINTED_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d:\d\d$/;
/** A time as the database prints it in JSON. */
export const TIME_KEY: KeyForm = { test: (part) => PRINTED_TIME.test(part) && isIsoTime(part) };
export const UUID_KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const NUMBER_KEY = /^\d{1,18}$/;
/** A place in the order of messages: below 0 in the history. */
export const ORDINAL_KEY = /^-?\d{1,18}$/;

/** What a list is sorted by: one column, or two of which the second one tells apart what the first one does not. */
export interface PageOrder<Column extends string = string> {
  columns: readonly Column[];
  forms: readonly KeyForm[];
  isDescending: boolean;
  /** Ends the sort key where a list has several orders: a cursor of one is refused in another. */
  name?: string;
}

export const NEWEST_FIRST: PageOrder<'created_at' | 'id'> = {
  columns: ['created_at', 'id'],
  forms: [TIME_KEY, UUID_KEY],
  isDescending: true,
};

/** As much of a query as a page needs. */
interface PageableQuery {
  lt(column: string, value: string): this;
  lte(column: string, value: string): this;
  gt(column: string, value: string): this;
  gte(column: string, value: string): this;
  or(filters: string): this;
  order(column: string, options: { ascending: boolean }): this;
  limit(count: number): this;
}

/**
 * @param query a list, with its own filters
 * @returns the query for the rows of a page, from its place on
 * @throws AppError `invalid_cursor`
 */
export function pageQuery<Query extends PageableQuery>(
  query: Query,
  request: PageRequest,
  order: PageOrder,
): Query {
  const { columns, isDescending } = order;
  const { key, isBackward } = placeOf(request, formsOf(order));
  const ascending = isDescending === isBackward;
  const [first, second] = columns;
  let page = query;
  if (key && second === undefined) {
    page = ascending ? page.gt(first!, key[0]!) : page.lt(first!, key[0]!);
  } else if (key) {
    // The bound of the first column alone is what an index begins at.
    page = ascending ? page.gte(first!, key[0]!) : page.lte(first!, key[0]!);
    const beyond = ascending ? 'gt' : 'lt';
    page = page.or(`${first}.${beyond}."${key[0]}",${second}.${beyond}."${key[1]}"`);
  }
  for (const column of columns) {
    page = page.order(column, { ascending });
  }
  return page.limit(rowsToFetch(request));
}

/** @returns the sort key of a row that has the columns of the order */
export function keyIn<Column extends string>({ columns, name }: PageOrder<Column>) {
  return (row: { readonly [Name in Column]: string | number | null }): string[] => [
    ...columns.map((column) => String(row[column])),
    ...(name === undefined ? [] : [name]),
  ];
}

/** @returns what the parts of a sort key of this order must look like */
export function formsOf({ forms, name }: PageOrder): KeyForm[] {
  return [...forms, ...(name === undefined ? [] : [{ test: (part: string) => part === name }])];
}

/** Sort key of lists by creation time and id. */
export const creationKey = keyIn(NEWEST_FIRST);

function invalidCursor(cause?: unknown): AppError {
  const details = [{ path: 'cursor', message: 'is not a cursor of this list' }];
  return new AppError('invalid_cursor', { details, cause });
}
