import { describe, expect, it } from 'vitest';
import { isoTime } from './column-values.js';

describe('a time of the database', () => {
  it.each([
    '2026-12-01T09:50:01+00:00',
    '2026-12-01T09:50:01.1+00:00',
    '2026-12-01T09:50:01.12+00:00',
    '2026-12-01T09:50:01.123456+00:00',
    '2026-12-01T09:50:01.999999+00:00',
    '2026-12-01T09:50:01.5-03:00',
    '2026-12-01 09:50:01.5+00',
  ])('%s is printed as a date is', (time) => {
    expect(isoTime(time)).toBe(new Date(time).toISOString());
  });
});
