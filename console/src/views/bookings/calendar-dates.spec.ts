import { expect, it } from 'vitest';
import { daysOf, fromDayText, step, toDayText } from './calendar-dates.ts';

const day = (text: string) => fromDayText(text)!;

it.each(['', null, '2026-02-30', '2026-2-3', 'today'])('%s names no day', (text) => {
  expect(fromDayText(text)).toBeUndefined();
});

it('shows a week from its first day on, and a month in whole weeks', () => {
  expect(daysOf('day', day('2026-12-01'), 0).map(toDayText)).toEqual(['2026-12-01']);
  const sunday = daysOf('week', day('2026-12-01'), 0).map(toDayText);
  expect([sunday[0], sunday.length]).toEqual(['2026-11-29', 7]);
  expect(daysOf('week', day('2026-12-01'), 1).map(toDayText)[0]).toBe('2026-11-30');
  expect(daysOf('week', day('2026-11-29'), 1).map(toDayText)[0]).toBe('2026-11-23');
  const month = daysOf('month', day('2026-12-15'), 0).map(toDayText);
  expect([month[0], month.length]).toEqual(['2026-11-29', 35]);
  expect(daysOf('month', day('2026-02-15'), 0)).toHaveLength(28);
  expect(daysOf('month', day('2026-05-15'), 0)).toHaveLength(42);
});

it.each([
  ['day', '2026-12-31', 1, '2027-01-01'],
  ['week', '2026-12-31', -1, '2026-12-24'],
  ['month', '2026-01-31', 1, '2026-02-28'],
  ['month', '2026-03-31', -1, '2026-02-28'],
] as const)('%s %s by %d', (span, from, by, to) => {
  expect(toDayText(step(span, day(from), by))).toBe(to);
});
