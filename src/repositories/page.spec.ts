import { describe, expect, it } from 'vitest';
import { NUMBER_KEY, pageOf, type PageEnd, placeOf } from './page.js';

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

const pageOfRows = (rows: Row[], limit: number, end?: PageEnd, cursor?: string) =>
  pageOf(
    rows,
    { limit, cursor },
    (row) => row,
    (row) => [row.id],
    end,
  );

const idsOf = ({ items }: { items: Row[] }) => items.map(({ id }) => id);

const placeIn = (cursor: string | null) =>
  cursor === null ? null : placeOf({ limit: 1, cursor }, [NUMBER_KEY]);

const shapeOf = (rows: Row[], limit: number, isCut: boolean) => {
  const { items, nextCursor } = pageOfRows(rows, limit, { isCut });
  return [items.length, placeIn(nextCursor)?.key?.[0] ?? null];
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

  it('leads in both directions, and back from each', () => {
    const middle = pageOfRows(rowsOf(3, 1), 2);

    expect(idsOf(middle)).toEqual(['3', '2']);
    expect(placeIn(middle.nextCursor)).toEqual({ key: ['2'], isBackward: false });
    expect(placeIn(middle.previousCursor)).toEqual({ key: ['3'], isBackward: true });

    // From the place of the cursor on, so the oldest of the newer ones comes first.
    const newer = ['4', '5', '6'].map((id) => ({ id, text: '' }));
    const before = pageOfRows(newer, 2, {}, middle.previousCursor!);
    expect(idsOf(before)).toEqual(['5', '4']);
    expect(placeIn(before.nextCursor)).toEqual({ key: ['4'], isBackward: false });
    expect(placeIn(before.previousCursor)).toEqual({ key: ['5'], isBackward: true });
  });

  it('keeps its place where nothing came meanwhile', () => {
    const { previousCursor } = pageOfRows(rowsOf(3, 1), 3);
    const nothing = pageOfRows([], 3, {}, previousCursor!);

    expect(nothing).toMatchObject({ items: [], previousCursor });
    expect(placeIn(nothing.nextCursor)).toEqual({ key: ['3'], isBackward: false });
  });

  it('goes on where the list was looked through to, in both directions', () => {
    const { previousCursor } = pageOfRows(rowsOf(1, 1), 3);

    expect(placeIn(pageOfRows([], 3, { lookedUntil: ['7'] }).nextCursor)?.key).toEqual(['7']);
    expect(placeIn(pageOfRows([], 3, { lookedUntil: ['9'] }, previousCursor!).previousCursor)).toEqual({
      key: ['9'],
      isBackward: true,
    });
  });

  it('has no cursors where it is empty and the only one', () => {
    expect(pageOfRows([], 3)).toEqual({ items: [], nextCursor: null, previousCursor: null });
  });
});
