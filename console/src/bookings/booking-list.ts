import {
  type InfiniteData,
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { answerOf, api } from '../api/client.ts';
import { allPagesOf } from '../api/pages.ts';
import { versionedAnswerOf } from '../api/versions.ts';
import { useInvalidation, useLiveEvents } from '../live/Live.tsx';
import { useOrganizationId } from '../session/caller.ts';
import type { Booking, BookingStatus } from './booking.ts';

const PAGE = 50;
/** However many messages come, the bookings that they open are read no more often than this. */
const PAUSE_MS = 1_000;

/** A page of bookings, as the API answers it. */
export interface BookingPage {
  bookings: Booking[];
  next_cursor: string | null;
}
export type BookingPages = InfiniteData<BookingPage, string | undefined>;

export const bookingsKey = (organizationId: string) => [organizationId, 'bookings'] as const;
export const listKey = (organizationId: string, status: BookingStatus) =>
  [...bookingsKey(organizationId), 'list', status] as const;
/** Of whichever contact, where none is named. */
export const ofContactKey = (organizationId: string, ...contactId: [] | [string]) =>
  [...bookingsKey(organizationId), 'of', ...contactId] as const;

/** Bookings of one status, the newest first, page by page. */
export function useBookingList(status: BookingStatus) {
  const organizationId = useOrganizationId();
  return useInfiniteQuery({
    queryKey: listKey(organizationId, status),
    ...pagesOf({ organization_id: organizationId, status }),
  });
}

/** Bookings of a contact, the newest first, page by page. */
export const bookingsOfQuery = (organizationId: string, contactId: string) =>
  infiniteQueryOptions({
    queryKey: ofContactKey(organizationId, contactId),
    ...pagesOf({ organization_id: organizationId, contact_id: contactId }),
  });

function pagesOf(which: { organization_id: string; status?: BookingStatus; contact_id?: string }) {
  return {
    queryFn: ({ pageParam: cursor }: { pageParam: string | undefined }): Promise<BookingPage> => {
      const query = { ...which, limit: PAGE, ...(cursor !== undefined && { cursor }) };
      return answerOf(api.GET('/api/bookings', { params: { query } }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: BookingPage) => page.next_cursor ?? undefined,
  };
}

/** Bookings that start in a time, by their start. */
export const bookingsBetweenQuery = (organizationId: string, from: string, before: string) =>
  queryOptions({
    queryKey: [...bookingsKey(organizationId), 'between', from, before],
    queryFn: () =>
      allPagesOf(async (cursor) => {
        const query = {
          organization_id: organizationId,
          starts_from: from,
          starts_before: before,
          sort: 'starts_at' as const,
          limit: 100,
          ...(cursor !== undefined && { cursor }),
        };
        const { bookings, next_cursor } = await answerOf(api.GET('/api/bookings', { params: { query } }));
        return { items: bookings, next: next_cursor };
      }),
  });

/** One booking with its version. */
export const bookingQuery = (organizationId: string, id: string) =>
  queryOptions({
    queryKey: [...bookingsKey(organizationId), 'one', id],
    queryFn: () => readBooking(organizationId, id),
  });

/** @returns a booking as it is now, with its version */
export const readBooking = (organizationId: string, id: string) =>
  versionedAnswerOf(
    api.GET('/api/bookings/{id}', { params: { path: { id }, query: { organization_id: organizationId } } }),
  );

/** Keeps what is shown of bookings as it is: what people change, and what clients' messages open. */
export function useLiveBookings(): void {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useInvalidation(['whatsapp:booking'], bookingsKey(organizationId));
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveEvents(({ name, payload }) => {
    const { bookingId, change, contactId } = payload;
    if (name === 'whatsapp:contact' && (change === 'merged' || change === 'unmerged')) {
      void queries.invalidateQueries({ queryKey: bookingsKey(organizationId) });
    }
    if (name !== 'whatsapp:message' || typeof bookingId !== 'string' || timer.current !== undefined) {
      return;
    }
    const lists = [listKey(organizationId, 'pending'), ofContactKey(organizationId, String(contactId))];
    // Each message carries the booking that is open; most of them opened none.
    const isMissing = lists.some((queryKey) => {
      const list = queries.getQueryState<BookingPages>(queryKey);
      const isIn = list?.data?.pages.some(({ bookings }) => bookings.some(({ id }) => id === bookingId));
      return list !== undefined && isIn !== true;
    });
    if (isMissing) {
      timer.current = setTimeout(() => {
        timer.current = undefined;
        for (const queryKey of [listKey(organizationId, 'pending'), ofContactKey(organizationId)]) {
          void queries.invalidateQueries({ queryKey });
        }
      }, PAUSE_MS);
    }
  });
}
