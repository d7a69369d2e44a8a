import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { answerOf, api, type Schemas } from '../../api/client.ts';
import type { Booking } from '../../bookings/booking.ts';
import { bookingsOfQuery } from '../../bookings/booking-list.ts';
import { useLiveEvents } from '../../live/Live.tsx';
import type { Note } from '../../notes/notes.ts';
import { useOrganizationId } from '../../session/caller.ts';
import { mergeTimelines, partsToRead } from './timeline.ts';

export type Message = Schemas['MessageResponse'];

/** Something that happened with a contact. */
export type HistoryItem =
  | { kind: 'message'; id: string; at: string; message: Message }
  | { kind: 'booking'; id: string; at: string; booking: Booking }
  | { kind: 'note'; id: string; at: string; note: Note };
export type HistoryKind = HistoryItem['kind'];

const PAGE = 30;
const PAUSE_MS = 500;

export const historyKey = (organizationId: string, contactId: string) =>
  [organizationId, 'contacts', 'history', contactId] as const;

interface HistoryPage {
  items: HistoryItem[];
  next: string | null;
}

/** Messages, bookings and notes of a contact in one list, the newest first. */
export function useHistory(contactId: string, shown: HistoryKind | 'all') {
  useLiveHistory(contactId);
  const lists = {
    message: useList(contactId, 'message', readMessages),
    booking: useBookingsOf(contactId),
    note: useList(contactId, 'note', readNotes),
  };
  const used = shown === 'all' ? Object.values(lists) : [lists[shown]];
  const parts = used.map(({ data, hasNextPage }) => ({
    items: data?.pages.flatMap(({ items }) => items) ?? [],
    hasMore: hasNextPage,
  }));
  const failed = used.find(({ isError, data }) => isError && data === undefined);
  return {
    ...mergeTimelines(parts, timeOf),
    error: failed?.error,
    isLoading: used.some(({ data }) => data === undefined),
    isReadingMore: used.some(({ isFetchingNextPage }) => isFetchingNextPage),
    readMore: () => partsToRead(parts, timeOf).forEach((place) => void used[place]!.fetchNextPage()),
    retry: () => used.forEach((list) => void list.refetch()),
  };
}

const timeOf = ({ at }: HistoryItem) => at;

function useList(
  contactId: string,
  kind: Exclude<HistoryKind, 'booking'>,
  read: (query: {
    organization_id: string;
    contact_id: string;
    limit: number;
    cursor?: string;
  }) => Promise<HistoryPage>,
) {
  const organizationId = useOrganizationId();
  return useInfiniteQuery({
    queryKey: [...historyKey(organizationId, contactId), kind],
    queryFn: ({ pageParam: cursor }) =>
      read({
        organization_id: organizationId,
        contact_id: contactId,
        limit: PAGE,
        ...(cursor !== undefined && { cursor }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }: HistoryPage) => next ?? undefined,
  });
}

function useBookingsOf(contactId: string) {
  return useInfiniteQuery({
    ...bookingsOfQuery(useOrganizationId(), contactId),
    select: ({ pages }) => ({
      pages: pages.map(({ bookings }) => ({ items: bookings.map(itemOf) })),
    }),
  });
}

const itemOf = (booking: Booking): HistoryItem => ({
  kind: 'booking',
  id: booking.id,
  at: booking.created_at,
  booking,
});

async function readMessages(query: { organization_id: string; contact_id: string }): Promise<HistoryPage> {
  const { messages, next_cursor: next } = await answerOf(api.GET('/api/messages', { params: { query } }));
  return {
    items: messages.map((message) => ({
      kind: 'message',
      id: message.id,
      at: message.created_at,
      message,
    })),
    next,
  };
}

async function readNotes(query: { organization_id: string; contact_id: string }): Promise<HistoryPage> {
  const { notes, next_cursor: next } = await answerOf(api.GET('/api/notes', { params: { query } }));
  return { items: notes.map((note) => ({ kind: 'note', id: note.id, at: note.created_at, note })), next };
}

/** Reads it again when something happens with the contact: no more often than twice a second. */
function useLiveHistory(contactId: string): void {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveEvents(({ payload }) => {
    if (payload.contactId === contactId && timer.current === undefined) {
      timer.current = setTimeout(() => {
        timer.current = undefined;
        void queries.invalidateQueries({ queryKey: historyKey(organizationId, contactId) });
      }, PAUSE_MS);
    }
  });
}
