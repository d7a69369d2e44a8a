import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';

/** How many pages of a list are read to have all of it. */
const MAX_PAGES = 10;

/**
 * @param read gives the page at a cursor; the first where it is undefined
 * @returns the items of all pages, up to ten
 */
export async function allPagesOf<Item>(
  read: (cursor: string | undefined) => Promise<{ items: readonly Item[]; next: string | null }>,
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, next } = await read(cursor);
    found.push(...items);
    if (next === null) {
      break;
    }
    cursor = next;
  }
  return found;
}

interface ListPage<Row> {
  rows: readonly Row[];
  /** Where the next page begins; null at the end. */
  next: string | null;
}

/**
 * Reads a list page after page.
 * @param read one page, from a cursor on
 * @returns the query, whose `data` are all rows that were read so far
 */
export function usePages<Row>(
  queryKey: QueryKey,
  read: (cursor: string | undefined) => Promise<ListPage<Row>>,
) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    select: ({ pages }) => pages.flatMap(({ rows }) => rows),
  });
}
