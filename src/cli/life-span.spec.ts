import { describe, expect, it } from 'vitest';
import { endOf } from './life-span.js';

const NOW = new Date('2025-10-02T12:00:00.000Z');

describe('endOf', () => {
  it.each([
    ['12h', '2025-10-03T00:00:00.000Z'],
    ['90d', '2025-12-31T12:00:00.000Z'],
    ['1w', '2025-10-09T12:00:00.000Z'],
  ])('adds %s', (text, end) => {
    expect(endOf(text, NOW)).toBe(end);
  });

  it.each(['', '90', 'd', '0d', '-1d', '1m', '4000d', '99999w', '1.5d', ' 1d'])('refuses "%s"', (text) => {
    expect(() => endOf(text, NOW)).toThrow(/12h, 90d or 52w/);
  });
});
