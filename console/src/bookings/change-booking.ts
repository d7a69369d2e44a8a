import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/api-error.ts';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useOrganizationId } from '../session/caller.ts';
import type { Booking, BookingStatus } from './booking.ts';
import { type BookingPages, bookingsKey, listKey, ofContactKey, readBooking } from './booking-list.ts';

export type NewBooking = Schemas['CreateBookingDto'];
export type BookingChange = Schemas['ChangeBookingDto'];

/** Makes a booking: once under a key, however often it is sent. */
export function useCreateBooking() {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ body, key }: { body: NewBooking; key: string }) =>
      (
        await answerOf(
          api.POST('/api/bookings', {
            params: { header: { 'Idempotency-Key': key } },
            body: { ...body, organization_id: organizationId },
          }),
        )
      ).booking,
    onSettled: () => queries.invalidateQueries({ queryKey: bookingsKey(organizationId) }),
  });
}

/** Changes a booking, where nobody else did since `version`. */
export function useChangeBooking() {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change, version }: { id: string; change: BookingChange; version: string }) =>
      patch(organizationId, id, change, version),
    onSettled: () => queries.invalidateQueries({ queryKey: bookingsKey(organizationId) }),
  });
}

/** When what was moved here was changed by that, which the lists do not know yet. */
const moved = new Map<string, string>();

/**
 * Gives a booking another status or time, from what is shown of it. The page shows it at once, and takes it back where that fails.
 * Fails with `changed_meanwhile` where somebody else changed it since it was read.
 */
export function useMoveBooking() {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    // One after another: what is moved twice is moved the second time from where the first one brought it.
    scope: { id: 'bookings' },
    async mutationFn({ booking, change }: { booking: Booking; change: BookingChange }) {
      const { answer, version } = await readBooking(organizationId, booking.id);
      const seen = moved.get(booking.id) ?? booking.updated_at;
      if (answer.booking.updated_at !== booking.updated_at && answer.booking.updated_at !== seen) {
        throw new ApiError('changed_meanwhile', 412, 'Somebody else changed it since it was read.');
      }
      const now = await patch(organizationId, booking.id, change, version);
      moved.set(now.id, now.updated_at);
      return now;
    },
    async onMutate({ booking, change: { status } }) {
      if (status !== undefined) {
        await queries.cancelQueries({ queryKey: bookingsKey(organizationId) });
        moveInLists(booking, status);
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: bookingsKey(organizationId) }),
  });

  function moveInLists(booking: Booking, status: BookingStatus): void {
    queries.setQueryData<BookingPages>(listKey(organizationId, booking.status), (list) =>
      mapPages(list, (bookings) => bookings.filter(({ id }) => id !== booking.id)),
    );
    queries.setQueryData<BookingPages>(listKey(organizationId, status), (list) =>
      mapPages(list, (bookings, page) => (page === 0 ? [{ ...booking, status }, ...bookings] : bookings)),
    );
    queries.setQueryData<BookingPages>(ofContactKey(organizationId, booking.contact_id), (list) =>
      mapPages(list, (bookings) =>
        bookings.map((each) => (each.id === booking.id ? { ...each, status } : each)),
      ),
    );
  }
}

async function patch(
  organizationId: string,
  id: string,
  change: BookingChange,
  version: string,
): Promise<Booking> {
  const { booking } = await answerOf(
    api.PATCH('/api/bookings/{id}', {
      params: { path: { id }, header: { 'If-Match': version } },
      body: { ...change, organization_id: organizationId },
    }),
  );
  return booking;
}

function mapPages(
  list: BookingPages | undefined,
  change: (bookings: Booking[], page: number) => Booking[],
): BookingPages | undefined {
  return (
    list && {
      ...list,
      pages: list.pages.map((page, place) => ({ ...page, bookings: change(page.bookings, place) })),
    }
  );
}
