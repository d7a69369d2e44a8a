import { expect, it } from 'vitest';
import { mergeTimelines, partsToRead } from './timeline.ts';

const part = (items: string[], hasMore = false) => ({ items, hasMore });
const itself = (item: string) => item;

it('sorts what is of several lists, the newest first', () => {
  expect(mergeTimelines([part(['5', '2']), part(['4', '3']), part([])], itself)).toEqual({
    items: ['5', '4', '3', '2'],
    hasMore: false,
  });
});

it('ends where one of the lists was not read further', () => {
  const parts = [part(['9', '7'], true), part(['8', '6', '1'], true), part(['5'])];
  expect(mergeTimelines(parts, itself)).toEqual({ items: ['9', '8', '7'], hasMore: true });
  expect(partsToRead(parts, itself)).toEqual([0]);
});

it('reads nothing more where everything is there', () => {
  expect(partsToRead([part(['1']), part([])], itself)).toEqual([]);
});
