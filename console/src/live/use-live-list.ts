import { type QueryKey, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import {
  itemsOf,
  type ListData,
  type ListKind,
  type ListPage,
  withChanged,
  withNewest,
} from './live-list.ts';
import { Throttle } from './throttle.ts';

/** However many events come, what is new is read no more often than this. */
const PAUSE_MS = 500;

interface LiveListOptions<Item> {
  queryKey: QueryKey;
  read: (cursor: string | null, signal?: AbortSignal) => Promise<ListPage<Item>>;
  kind: ListKind<Item>;
}

/**
 * A list that begins with what is newest, is read on page by page, and is kept as it is on the service: events say what to do, `refresh`
 * reads what is new, `change` says what is another now. Nothing is read again for being old; what nobody looks at is forgotten, since no
 * event is heard for it.
 */
export function useLiveList<Item>({ queryKey, read, kind }: LiveListOptions<Item>) {
  const queries = useQueryClient();
  const hash = JSON.stringify(queryKey);
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    structuralSharing: false,
  });
  const { data } = query;
  const items = useMemo(
    () => (data === undefined ? undefined : itemsOf(data as ListData<Item>, kind.keyOf)),
    [data, kind],
  );
  const throttle = useMemo(
    () =>
      new Throttle(PAUSE_MS, async () => {
        const key = JSON.parse(hash) as QueryKey;
        const before = queries.getQueryData<ListData<Item>>(key);
        if (before === undefined) {
          return;
        }
        const merge = await withNewest(before, read, kind);
        queries.setQueryData<ListData<Item>>(key, (latest) => latest && merge(latest));
      }),
    [hash, queries, read, kind],
  );
  useEffect(() => () => throttle.stop(), [throttle]);
  const change = useCallback(
    (key: string, how: (item: Item) => Item | undefined) =>
      queries.setQueryData<ListData<Item>>(
        JSON.parse(hash) as QueryKey,
        (latest) => latest && withChanged(latest, key, kind, how),
      ),
    [hash, queries, kind],
  );
  return { ...query, items, refresh: throttle.run, change };
}
