import type { ClientEvent, FeedState } from '@auzap/client';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useAuzap } from './auzap-context.js';
import { KEYS } from './keys.js';

/**
 * Keeps what is shown true: whatever happens at the service is asked for anew. Use it once, near the root.
 * @returns how the line is, for a banner
 */
export function useEvents(onEvent?: (event: ClientEvent) => void): FeedState {
  const client = useAuzap();
  const queries = useQueryClient();
  const [state, setState] = useState<FeedState>('connecting');
  useEffect(() => {
    const refresh = (key: readonly unknown[]) => queries.invalidateQueries({ queryKey: key });
    const feed = client.events({
      onState: (next) => {
        setState(next);
        // What happened before it listened is in the lists.
        if (next === 'live') {
          void refresh(KEYS.all);
        }
      },
      onExpired: () => refresh(KEYS.all),
    });
    feed.onEvery((event) => {
      onEvent?.(event);
      const { contactId } = event.payload as { contactId?: string };
      void refresh(KEYS.conversations);
      if (contactId !== undefined) {
        void refresh(KEYS.messages(contactId));
      }
    });
    return () => feed.close();
  }, [client, queries, onEvent]);
  return state;
}
