import { useInfiniteQuery } from '@tanstack/react-query';
import { useAuzap } from './auzap-context.js';
import { KEYS } from './keys.js';

/** @returns what was written with a contact, the newest first; `fetchNextPage` goes back in time */
export function useMessages(contactId: string) {
  const client = useAuzap();
  return useInfiniteQuery({
    queryKey: KEYS.messages(contactId),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      client.messages.page(
        { contact_id: contactId, ...(pageParam !== undefined && { cursor: pageParam }) },
        { signal },
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  });
}
