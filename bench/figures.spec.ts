import { describe, expect, it } from 'vitest';
import { latencyOf, median, quantile, spreadOf } from './figures.js';

const HUNDRED = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('figures', () => {
  it.each([
    { values: [], share: 0.5, expected: undefined },
    { values: [7], share: 0.99, expected: 7 },
    { values: [3, 1, 2], share: 0.5, expected: 2 },
    { values: [4, 3, 1, 2], share: 0.5, expected: 2 },
    { values: HUNDRED, share: 0.99, expected: 99 },
    { values: HUNDRED, share: 1, expected: 100 },
    { values: HUNDRED, share: 0, expected: 1 },
  ])('quantile $share of $values.length values', ({ values, share, expected }) => {
    expect(quantile(values, share)).toBe(expected);
  });

  it.each([
    { values: [], expected: undefined },
    { values: [undefined], expected: undefined },
    { values: [5, undefined], expected: 5 },
    { values: [9, 1, 5], expected: 5 },
    { values: [9, 1, 5, 7], expected: 6 },
  ])('median of $values', ({ values, expected }) => {
    expect(median(values)).toBe(expected);
  });

  it.each([
    { values: [], expected: undefined },
    { values: [undefined, 4], expected: { median: 4, low: 4, high: 4 } },
    { values: [3, 9, 1], expected: { median: 3, low: 1, high: 9 } },
  ])('spread of $values', ({ values, expected }) => {
    expect(spreadOf(values)).toEqual(expected);
  });

  it('latency is the middle and what 99 of 100 stay below', () => {
    expect(latencyOf(HUNDRED)).toEqual({ p50: 50, p99: 99 });
  });
});
