import { describe, expect, it } from 'vitest';
import { axisEnd, linePath } from './chart-scale.ts';

describe('the end of an axis', () => {
  it.each([
    [0, 1],
    [1, 1],
    [1.5, 2],
    [2, 2],
    [3, 5],
    [7, 10],
    [10, 10],
    [11, 20],
    [499, 500],
    [501, 1000],
    [0.2, 1],
  ])('of %s is %s', (value, end) => {
    expect(axisEnd(value)).toBe(end);
  });
});

describe('a line', () => {
  const field = { width: 100, height: 50, end: 10 };

  it('goes from the left to the right, and upwards with what it shows', () => {
    expect(linePath([0, 5, 10], field)).toBe('M0 50L50 25L100 0');
  });

  it('has a gap where nothing is known', () => {
    expect(linePath([0, 10, null, 10, 0], field)).toBe('M0 50L25 0M75 0L100 50');
  });

  it('shows a value that stands alone', () => {
    expect(linePath([null, 5, null], field)).toBe('M50 25L50 25');
  });
});
