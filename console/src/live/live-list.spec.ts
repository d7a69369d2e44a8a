import { describe, expect, it } from 'vitest';
import { itemsOf, type ListData, type ListPage, withChanged, withNewest } from './live-list.ts';

interface Item {
  id: string;
  version: number;
}

const KIND = {
  keyOf: ({ id }: Item) => id,
  isSettled: (before: Item, now: Item) => before.version === now.version,
};
const item = (id: string, version = 1): Item => ({ id, version });
const dataOf = (...pages: Item[][]): ListData<Item> => ({
  pages: pages.map((items, index) => ({ items, next: index < pages.length - 1 ? String(index) : 'end' })),
  pageParams: [null, ...pages.slice(1).map((_, index) => String(index))],
});
const ids = (data: ListData<Item>) => itemsOf(data, KIND.keyOf).map(({ id, version }) => `${id}${version}`);
/** Gives one page after the other. */
const pagesOf = (...pages: ListPage<Item>[]) => {
  const left = [...pages];
  return () => Promise.resolve(left.shift()!);
};

describe('what is new in a list', () => {
  it('stands on top, and what moved up stands there once', async () => {
    const data = dataOf([item('a'), item('b')], [item('c'), item('d')]);
    const read = pagesOf({ items: [item('e'), item('c', 2), item('a')], next: 'x' });

    expect(ids((await withNewest(data, read, KIND))(data))).toEqual(['e1', 'c2', 'a1', 'b1', 'd1']);
  });

  it('is read page by page until something is as it was', async () => {
    const data = dataOf([item('a'), item('b')]);
    const read = pagesOf(
      { items: [item('e'), item('f')], next: 'x' },
      { items: [item('g'), item('a')], next: 'y' },
    );

    expect(ids((await withNewest(data, read, KIND))(data))).toEqual(['e1', 'f1', 'g1', 'a1', 'b1']);
  });

  it('takes the place of everything where that is too much to be read', async () => {
    const data = dataOf([item('a')]);
    let count = 0;
    const read = () => Promise.resolve({ items: [item(`n${(count += 1)}`)], next: String(count) });
    const next = (await withNewest(data, read, KIND))(data);

    expect(ids(next)).toEqual(Array.from({ length: 10 }, (_, index) => `n${index + 1}1`));
    expect(next.pages.at(-1)!.next).toBe('10');
    expect(next.pageParams).toEqual([null, '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('keeps the pages that were read meanwhile, and the objects that did not change', async () => {
    const before = dataOf([item('a')]);
    const merge = await withNewest(before, pagesOf({ items: [item('e'), item('a')], next: 'x' }), KIND);
    const latest = dataOf([before.pages[0]!.items[0]!], [item('z')]);
    const next = merge(latest);

    expect(ids(next)).toEqual(['e1', 'a1', 'z1']);
    expect(itemsOf(next, KIND.keyOf)[1]).toBe(before.pages[0]!.items[0]);
  });

  it('is all there is where the list ends with it: what is gone is gone here', async () => {
    const data = dataOf([item('a'), item('gone')]);

    expect(ids((await withNewest(data, pagesOf({ items: [item('a')], next: null }), KIND))(data))).toEqual([
      'a1',
    ]);
  });
});

describe('a change', () => {
  const data = dataOf([item('a')], [item('b'), item('c')]);

  it.each([
    ['of an item', 'c', ({ id }: Item) => item(id, 2), ['a1', 'b1', 'c2']],
    ['that takes an item away', 'b', () => undefined, ['a1', 'c1']],
  ] as const)('%s is made in its place', (_what, key, how, expected) => {
    expect(ids(withChanged(data, key, KIND, how))).toEqual(expected);
  });

  it('of what is not there, or that changes nothing, leaves the list the same object', () => {
    expect(withChanged(data, 'x', KIND, () => undefined)).toBe(data);
    expect(withChanged(data, 'a', KIND, (same) => same)).toBe(data);
  });
});
