import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import type { Calendar, CalendarBooking } from './calendar.repository.js';

/** How often calendars should look again, in seconds. */
const REFRESH_SECONDS = 15 * 60;

const STATUSES = {
  pending: ICalEventStatus.TENTATIVE,
  confirmed: ICalEventStatus.CONFIRMED,
  completed: ICalEventStatus.CONFIRMED,
  cancelled: ICalEventStatus.CANCELLED,
} as const;

/** @returns the calendar as RFC 5545 has it, all times in UTC */
export function calendarText({ name, bookings }: Calendar): string {
  const calendar = ical({
    name: name === '' ? 'Bookings' : name,
    prodId: '//AuZap//Bookings//EN',
    method: ICalCalendarMethod.PUBLISH,
    ttl: REFRESH_SECONDS,
  });
  for (const booking of bookings) {
    calendar.createEvent({
      id: `${booking.id}@auzap`,
      // Raised by every change, as calendars want to tell the newer of two states.
      sequence: Math.floor((booking.updatedAt.getTime() - booking.createdAt.getTime()) / 1000),
      stamp: booking.updatedAt,
      created: booking.createdAt,
      lastModified: booking.updatedAt,
      start: booking.startsAt,
      ...(booking.endsAt && { end: booking.endsAt }),
      summary: summaryOf(booking),
      ...(booking.notes !== null && { description: booking.notes }),
      status: STATUSES[booking.status],
    });
  }
  return calendar.toString();
}

function summaryOf({ title, service, contactName }: CalendarBooking): string {
  const what = title ?? service;
  const who = contactName === 'Unknown' ? null : contactName;
  return [what, who].filter((part) => part !== null).join(' – ') || 'Booking';
}
