import type { Booking } from './booking.ts';
import type { BookingChange } from './change-booking.ts';
import { fromLocalInput, toLocalInput } from './local-time.ts';

/** A booking as somebody writes it; times as `datetime-local` has them. */
export interface BookingDraft {
  title: string;
  serviceId: string;
  startsAt: string;
  endsAt: string;
  notes: string;
}

export const EMPTY_DRAFT: BookingDraft = { title: '', serviceId: '', startsAt: '', endsAt: '', notes: '' };

/** @returns the times of a booking that is agreed on right now: an hour, from the next full one */
export function nextHour(now: Date): Pick<BookingDraft, 'startsAt' | 'endsAt'> {
  const start = new Date(now);
  start.setMinutes(60, 0, 0);
  const startsAt = toLocalInput(start.toISOString());
  return { startsAt, endsAt: laterBy(startsAt, 60) };
}

/** @returns what somebody who changes a booking begins with */
export function draftOf(booking: Booking): BookingDraft {
  return {
    title: booking.title ?? '',
    serviceId: booking.service_id ?? '',
    startsAt: toLocalInput(booking.starts_at),
    endsAt: toLocalInput(booking.ends_at),
    notes: booking.notes ?? '',
  };
}

/**
 * @param before what the draft began with
 * @returns only what is different: what is left out the service decides, such as the end by the duration of a service
 */
export function changesOf(draft: BookingDraft, before: BookingDraft): Omit<BookingChange, 'status'> {
  const text = (words: string) => (words.trim() === '' ? null : words.trim());
  return {
    ...(draft.title !== before.title && { title: text(draft.title) }),
    ...(draft.serviceId !== before.serviceId && { service_id: text(draft.serviceId) }),
    ...(draft.startsAt !== before.startsAt && { starts_at: fromLocalInput(draft.startsAt) }),
    ...((draft.endsAt !== before.endsAt || (draft.startsAt === '' && before.endsAt !== '')) && {
      ends_at: draft.startsAt === '' ? null : fromLocalInput(draft.endsAt),
    }),
    ...(draft.notes !== before.notes && { notes: text(draft.notes) }),
  };
}

/** @returns what is wrong with the times of a draft */
export function timeFault({ startsAt, endsAt }: BookingDraft): 'startMissing' | 'endTooEarly' | undefined {
  if (endsAt === '') {
    return undefined;
  }
  if (startsAt === '') {
    return 'startMissing';
  }
  return endsAt > startsAt ? undefined : 'endTooEarly';
}

/** @returns the draft with another start: what had an end takes as long as before, what has a service as long as that */
export function withStart(draft: BookingDraft, startsAt: string, serviceMinutes?: number): BookingDraft {
  if (startsAt === '') {
    return { ...draft, startsAt, endsAt: '' };
  }
  const before =
    draft.startsAt !== '' && draft.endsAt !== '' ? minutesBetween(draft.startsAt, draft.endsAt) : 0;
  const minutes = before > 0 ? before : serviceMinutes;
  return { ...draft, startsAt, endsAt: minutes === undefined ? draft.endsAt : laterBy(startsAt, minutes) };
}

/** @returns the draft with another service, which says when it ends */
export function withService(draft: BookingDraft, serviceId: string, serviceMinutes?: number): BookingDraft {
  const isTimed = draft.startsAt !== '' && serviceMinutes !== undefined;
  return { ...draft, serviceId, ...(isTimed && { endsAt: laterBy(draft.startsAt, serviceMinutes) }) };
}

function minutesBetween(from: string, to: string): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 60_000;
}

function laterBy(local: string, minutes: number): string {
  return toLocalInput(new Date(new Date(local).getTime() + minutes * 60_000).toISOString());
}
