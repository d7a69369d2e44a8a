import type { Schemas } from '../api/client.ts';

export type Booking = Schemas['BookingResponse'];
export type BookingStatus = Booking['status'];

/** In the order in which a booking goes through them. */
export const STATUSES = ['pending', 'confirmed', 'completed', 'cancelled'] as const satisfies BookingStatus[];

/** What a booking may become. */
export const NEXT_STATUSES: Readonly<Record<BookingStatus, readonly BookingStatus[]>> = {
  pending: ['confirmed', 'cancelled'],
  confirmed: ['completed', 'cancelled'],
  completed: [],
  cancelled: [],
};

/** @returns what a booking is called: its title, else its service; undefined where nobody said */
export const bookingName = ({ title, service }: Pick<Booking, 'title' | 'service'>): string | undefined =>
  title ?? service ?? undefined;
