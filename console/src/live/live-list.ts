import type { InfiniteData } from '@tanstack/react-query';

/** A page of a list that begins with what is newest. */
export interface ListPage<Item> {
  items: readonly Item[];
  /** Where the next page begins; null at the end of the list. */
  next: string | null;
}

/** The pages of a list that were read so far. */
export type ListData<Item> = InfiniteData<ListPage<Item>, string | null>;

/** What tells the items of a list apart. */
export interface ListKind<Item> {
  keyOf: (item: Item) => string;
  /** Whether an item that was read again says that nothing is new below it. */
  isSettled: (before: Item, now: Item) => boolean;
}

/** So many pages are read to find out what is new; where more is, what was read below is forgotten. */
const MAX_NEW_PAGES = 10;

/**
 * Reads the beginning of a list again, as far as something is new in it.
 * @param data what was read so far
 * @param read reads a page; of null the first one
 * @returns the list with what is new; the items that did not change are the same objects
 */
export async function withNewest<Item>(
  data: ListData<Item>,
  read: (cursor: string | null) => Promise<ListPage<Item>>,
  { keyOf, isSettled }: ListKind<Item>,
): Promise<(latest: ListData<Item>) => ListData<Item>> {
  const known = new Map(data.pages.flatMap(({ items }) => items).map((item) => [keyOf(item), item]));
  const fresh: ListPage<Item>[] = [];
  let isComplete = false;
  for (let cursor: string | null = null; fresh.length < MAX_NEW_PAGES && !isComplete;) {
    const page: ListPage<Item> = await read(cursor);
    fresh.push(page);
    cursor = page.next;
    isComplete =
      cursor === null ||
      page.items.some((item) => {
        const before = known.get(keyOf(item));
        return before !== undefined && isSettled(before, item);
      });
  }
  return (latest) => (isComplete ? merged(latest, fresh, keyOf) : replaced(fresh));
}

function merged<Item>(
  data: ListData<Item>,
  fresh: readonly ListPage<Item>[],
  keyOf: (item: Item) => string,
): ListData<Item> {
  const before = new Map(data.pages.flatMap(({ items }) => items).map((item) => [keyOf(item), item]));
  const newest = fresh
    .flatMap(({ items }) => items)
    .map((item) => {
      const same = before.get(keyOf(item));
      return same !== undefined && JSON.stringify(same) === JSON.stringify(item) ? same : item;
    });
  const moved = new Set(newest.map(keyOf));
  const pages = data.pages.map((page) => {
    const items = page.items.filter((item) => !moved.has(keyOf(item)));
    return items.length === page.items.length ? page : { ...page, items };
  });
  const [first, ...others] = pages;
  const last = fresh.at(-1)!;
  // Where the whole list was read anew, nothing stands below it.
  if (first === undefined || last.next === null) {
    return { pages: [{ items: newest, next: null }], pageParams: [null] };
  }
  return { ...data, pages: [{ ...first, items: [...newest, ...first.items] }, ...others] };
}

function replaced<Item>(fresh: readonly ListPage<Item>[]): ListData<Item> {
  const pageParams = [null, ...fresh.slice(0, -1).map(({ next }) => next)];
  return { pages: [...fresh], pageParams };
}

/**
 * @param change gives the item as it is now, itself where nothing changed, or undefined where it is gone
 * @returns the list with that change
 */
export function withChanged<Item>(
  data: ListData<Item>,
  key: string,
  { keyOf }: ListKind<Item>,
  change: (item: Item) => Item | undefined,
): ListData<Item> {
  const at = data.pages.findIndex(({ items }) => items.some((item) => keyOf(item) === key));
  if (at === -1) {
    return data;
  }
  const page = data.pages[at]!;
  const items = page.items.flatMap((item) => (keyOf(item) === key ? (change(item) ?? []) : [item]));
  if (items.length === page.items.length && items.every((item, index) => item === page.items[index])) {
    return data;
  }
  return { ...data, pages: data.pages.with(at, { ...page, items }) };
}

/** @returns all items, the newest first, each once: one that moved up while a page was read would stand there twice */
export function itemsOf<Item>(data: ListData<Item>, keyOf: (item: Item) => string): Item[] {
  const found = new Map<string, Item>();
  for (const { items } of data.pages) {
    for (const item of items) {
      const key = keyOf(item);
      if (!found.has(key)) {
        found.set(key, item);
      }
    }
  }
  return [...found.values()];
}
