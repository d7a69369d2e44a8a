import { describe, expect, it } from 'vitest';
import { pageOf, readCursor } from './page.js';

interface Row {
  id: string;
  text: string;
}

function rowsOf(count: number, length: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    id: String(count - index),
    text: 'é'.repeat(length),
  }));
}

const shapeOf = (rows: Row[], limit: number, isCut?: boolean) => {
  const { items, nextCursor } = pageOf(
    rows,
    { limit },
    (row) => row,
    (row) => [row.id],
    isCut,
  );
  return [items.length, nextCursor === null ? null : readCursor(nextCursor, [/^\d+$/])[0]];
};

describe('pageOf', () => {
  it.each([
    ['ends where the rows do', rowsOf(3, 10), 5, false, [3, null]],
    ['ends after as many as were asked for', rowsOf(6, 10), 5, false, [5, '2']],
    ['ends after 1 MiB in UTF-8', rowsOf(6, 200_000), 5, false, [2, '5']],
    ['has one item, however long', rowsOf(3, 2_000_000), 5, false, [1, '3']],
    ['has no next one after a single long row', rowsOf(1, 2_000_000), 5, false, [1, null]],
    ['goes on after the last row where others were left out', rowsOf(3, 10), 5, true, [3, '1']],
    ['is empty without rows', [], 5, false, [0, null]],
  ])('%s', (_name, rows, limit, isCut, expected) => {
    expect(shapeOf(rows, limit, isCut)).toEqual(expected);
  });
});
