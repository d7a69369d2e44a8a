import { expect, it } from 'vitest';
import { wireTime } from './wire-time.js';

it.each([
  ['1764446400', '2025-11-29T20:00:00.000Z'],
  [1_764_446_400, '2025-11-29T20:00:00.000Z'],
  ['0', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['1e99', undefined],
  [Number.NaN, undefined],
  [undefined, undefined],
])('the time of %s', (seconds, time) => {
  expect(wireTime(seconds)).toBe(time);
});
