import { describe, expect, it } from 'vitest';
import { isSoonEnough } from './console-report.js';

const spread = (high: number) => ({ low: 100, median: 200, high });

describe('the page', () => {
  it.each([
    { cold: 1_500, warm: 1_500, expected: true },
    { cold: 1_501, warm: 300, expected: false },
    { cold: 300, warm: 1_501, expected: false },
  ])('can be used soon enough in $cold and $warm ms: $expected', ({ cold, warm, expected }) => {
    expect(isSoonEnough({ cold: spread(cold), warm: spread(warm) })).toBe(expected);
  });
});
