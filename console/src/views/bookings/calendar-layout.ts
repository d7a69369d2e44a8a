import type { Booking } from '../../bookings/booking.ts';

const MINUTES = 24 * 60;
/** What nobody said the end of is shown as so long, and nothing is shown shorter, so that it can be read. */
const SHOWN_MINUTES = 30;

/** Where a booking stands in the column of a day: minutes from midnight, and which part of the width. */
export interface Placed {
  booking: Booking;
  from: number;
  to: number;
  lane: number;
  lanes: number;
}

type Timed = Pick<Booking, 'starts_at' | 'ends_at'>;

/** @returns whether a booking is there on a day, in the time of the device */
export function isOnDay({ starts_at: startsAt, ends_at: endsAt }: Timed, day: Date): boolean {
  if (startsAt === null) {
    return false;
  }
  const start = new Date(startsAt);
  const next = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1);
  return start < next && (start >= day || (endsAt !== null && new Date(endsAt) > day));
}

/** @returns the bookings of a day, those at the same time side by side */
export function layoutDay(bookings: readonly Booking[], day: Date): Placed[] {
  const spans = bookings
    .filter((booking) => isOnDay(booking, day))
    .map((booking) => ({ booking, ...spanOn(booking, day) }))
    .toSorted((a, b) => a.from - b.from || b.to - a.to);
  const placed: Placed[] = [];
  let group: Placed[] = [];
  let ends: number[] = [];
  const close = () => {
    group.forEach((each) => {
      each.lanes = ends.length;
    });
    placed.push(...group);
    group = [];
    ends = [];
  };
  for (const span of spans) {
    if (ends.every((end) => end <= span.from)) {
      close();
    }
    const free = ends.findIndex((end) => end <= span.from);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = span.to;
    group.push({ ...span, lane, lanes: 1 });
  }
  close();
  return placed;
}

function spanOn({ starts_at: startsAt, ends_at: endsAt }: Booking, day: Date): { from: number; to: number } {
  const start = new Date(startsAt!);
  const end = endsAt === null ? new Date(start.getTime() + SHOWN_MINUTES * 60_000) : new Date(endsAt);
  const next = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1);
  const from = Math.min(start < day ? 0 : minutesOf(start), MINUTES - SHOWN_MINUTES);
  const to = end >= next ? MINUTES : minutesOf(end);
  return { from, to: Math.max(to, from + SHOWN_MINUTES) };
}

const minutesOf = (date: Date): number => date.getHours() * 60 + date.getMinutes();
