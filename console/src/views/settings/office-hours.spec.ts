import { expect, it } from 'vitest';
import { fromField, hoursFault, intervalsFault, nextInterval, toField, USUAL_HOURS } from './office-hours.ts';

it.each([
  [[], undefined],
  [[{ opens: '09:00', closes: '12:00' }], undefined],
  [[{ opens: '09:00', closes: '24:00' }], undefined],
  [[{ opens: '12:00', closes: '09:00' }], 'hoursWrong'],
  [[{ opens: '', closes: '09:00' }], 'hoursWrong'],
  [
    [
      { opens: '13:00', closes: '18:00' },
      { opens: '09:00', closes: '13:30' },
    ],
    'hoursOverlap',
  ],
  [
    [
      { opens: '13:00', closes: '18:00' },
      { opens: '09:00', closes: '13:00' },
    ],
    undefined,
  ],
] as const)('%j: %s', (intervals, fault) => {
  expect(intervalsFault(intervals)).toBe(fault);
});

it('looks at each day and each date', () => {
  expect(hoursFault(USUAL_HOURS)).toBeUndefined();
  const date = { date: '2026-12-25', intervals: [] };
  expect(hoursFault({ ...USUAL_HOURS, exceptions: [date] })).toBeUndefined();
  expect(hoursFault({ ...USUAL_HOURS, exceptions: [date, date] })).toBe('dateWrong');
  expect(hoursFault({ ...USUAL_HOURS, exceptions: [{ ...date, date: '' }] })).toBe('dateWrong');
  expect(
    hoursFault({
      weekly: [...USUAL_HOURS.weekly, { day: 'monday', opens: '10:00', closes: '11:00' }],
      exceptions: [],
    }),
  ).toBe('hoursOverlap');
});

it('writes the end of the day as midnight', () => {
  expect(toField('24:00')).toBe('00:00');
  expect(fromField(toField('24:00'))).toBe('24:00');
  expect(fromField('18:00')).toBe('18:00');
});

it('offers the hour after the last one', () => {
  expect(nextInterval([])).toEqual({ opens: '09:00', closes: '18:00' });
  expect(nextInterval([{ opens: '09:00', closes: '12:30' }])).toEqual({ opens: '13:30', closes: '14:30' });
});
