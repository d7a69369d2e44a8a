import { useInfiniteQuery } from '@tanstack/react-query';
import { useAuzap } from './auzap-context.js';
import { KEYS } from './keys.js';

/** @returns contacts by their last message, the newest first; `fetchNextPage` goes on */
export function useConversations() {
  const client = useAuzap();
  return useInfiniteQuery({
    queryKey: KEYS.conversations,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      client.conversations.page({ ...(pageParam !== undefined && { cursor: pageParam }) }, { signal }),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  });
}
