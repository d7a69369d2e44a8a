import { expect, it } from 'vitest';
import type { Booking } from '../../bookings/booking.ts';
import { isOnDay, layoutDay } from './calendar-layout.ts';

const DAY = new Date(2026, 2, 4);
const at = (hours: number, minutes = 0) => new Date(2026, 2, 4, hours, minutes).toISOString();
const booking = (id: string, starts_at: string | null, ends_at: string | null = null) =>
  ({ id, starts_at, ends_at }) as Booking;

const places = (bookings: Booking[]) =>
  layoutDay(bookings, DAY).map(({ booking: { id }, from, to, lane, lanes }) => [id, from, to, lane, lanes]);

it('puts side by side what is at the same time, and nothing else', () => {
  expect(
    places([
      booking('a', at(9), at(11)),
      booking('b', at(10), at(12)),
      booking('c', at(11), at(12)),
      booking('d', at(12), at(13)),
    ]),
  ).toEqual([
    ['a', 540, 660, 0, 2],
    ['b', 600, 720, 1, 2],
    ['c', 660, 720, 0, 2],
    ['d', 720, 780, 0, 1],
  ]);
});

it('shows long enough what has no end, and what is over in a moment', () => {
  expect(places([booking('a', at(9)), booking('b', at(15), at(15, 5)), booking('c', at(23, 50))])).toEqual([
    ['a', 540, 570, 0, 1],
    ['b', 900, 930, 0, 1],
    ['c', 1410, 1440, 0, 1],
  ]);
});

it('shows on each day what goes over midnight', () => {
  expect(places([booking('a', at(-2), at(1))])).toEqual([['a', 0, 60, 0, 1]]);
  expect(places([booking('a', at(23), at(26))])).toEqual([['a', 1380, 1440, 0, 1]]);
  expect(isOnDay(booking('a', at(-2), at(0)), DAY)).toBe(false);
  expect(isOnDay(booking('a', null), DAY)).toBe(false);
  expect(isOnDay(booking('a', at(24)), DAY)).toBe(false);
});
