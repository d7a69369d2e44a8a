import { describe, expect, it } from 'vitest';
import { periodOf } from './integrity.period.js';

const now = new Date('2025-10-02T12:00:00Z');

describe('periodOf', () => {
  it.each([
    ['the last 24 hours', {}, '2025-10-01T12:00:00.000Z', '2025-10-02T12:00:00.000Z'],
    [
      'until now',
      { from: '2025-09-30T00:00:00-03:00' },
      '2025-09-30T03:00:00.000Z',
      '2025-10-02T12:00:00.000Z',
    ],
    ['the day before', { to: '2025-09-02' }, '2025-09-01T00:00:00.000Z', '2025-09-02T00:00:00.000Z'],
    [
      '90 days',
      { from: '2025-01-01T00:00Z', to: '2025-04-01T00:00Z' },
      '2025-01-01T00:00:00.000Z',
      '2025-04-01T00:00:00.000Z',
    ],
  ])('reads %s', (_name, query, from, to) => {
    expect(periodOf(query, now)).toEqual({ from: new Date(from), to: new Date(to) });
  });

  it.each([
    ['empty', { from: '2025-10-02', to: '2025-10-02' }],
    ['backward', { from: '2025-10-02', to: '2025-10-01' }],
    ['in the future', { from: '2025-10-03' }],
    ['too long', { from: '2025-01-01T00:00:00Z', to: '2025-04-01T00:00:00.001Z' }],
  ])('refuses a period that is %s', (_name, query) => {
    expect(() => periodOf(query, now)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        details: [expect.objectContaining({ path: 'from' })],
      }),
    );
  });
});
