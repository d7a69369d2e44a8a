import { describe, expect, it } from 'vitest';
import { cpuBetween } from './postgres-cpu.js';

const cpuOf = (own: [number, number][], others: [number, number][] = [], ended = 0) => ({
  own: new Map(own),
  others: new Map(others),
  ended,
});

describe('CPU of a server between two readings', () => {
  it.each([
    {
      name: 'what its processes used meanwhile',
      first: cpuOf([
        [1, 100],
        [2, 50],
      ]),
      last: cpuOf([
        [1, 130],
        [2, 55],
      ]),
      expected: 35,
    },
    {
      name: 'all of one that began meanwhile',
      first: cpuOf([[1, 100]]),
      last: cpuOf([
        [1, 100],
        [2, 7],
      ]),
      expected: 7,
    },
    {
      name: 'of one that ended meanwhile what it used since the first reading',
      first: cpuOf([
        [1, 100],
        [2, 50],
      ]),
      last: cpuOf([[1, 100]], [], 62),
      expected: 12,
    },
    {
      name: 'nothing of other databases',
      first: cpuOf([[1, 100]], [[3, 10]]),
      last: cpuOf(
        [[1, 101]],
        [
          [3, 400],
          [4, 30],
        ],
      ),
      expected: 1,
    },
  ])('is $name', ({ first, last, expected }) => {
    expect(cpuBetween(first, last)).toBe(expected);
  });
});
