import { useCallback, useMemo } from 'react';
import { answerOf, api, type Schemas } from '../../../api/client.ts';
import type { ListKind, ListPage } from '../../../live/live-list.ts';
import { useLiveEvents } from '../../../live/Live.tsx';
import { useLiveList } from '../../../live/use-live-list.ts';
import { useOrganizationId } from '../../../session/caller.ts';

export type Conversation = Schemas['ConversationResponse'];
export type Message = Schemas['MessageResponse'];
export type { Note } from '../../../notes/notes.ts';

const PAGE = 100;

/** Where nobody wrote anything since, nothing moved up past it. */
const KIND: ListKind<Conversation> = {
  keyOf: ({ contact }) => contact.id,
  isSettled: (before, now) => before.last_message.id === now.last_message.id,
};

/** Tell of what changes a conversation that stays where it is. */
const CHANGING = [
  'whatsapp:message-status',
  'whatsapp:message-edited',
  'whatsapp:message-deleted',
  'whatsapp:message-updated',
  'whatsapp:media',
  'whatsapp:booking',
  'whatsapp:contact',
];

/**
 * The conversations of the organization, as they are now.
 * @param search words of a name, or digits of a number; empty for all
 */
export function useConversations(search: string) {
  const organizationId = useOrganizationId();
  const read = useCallback(
    async (cursor: string | null, signal?: AbortSignal): Promise<ListPage<Conversation>> => {
      const query = {
        organization_id: organizationId,
        limit: PAGE,
        ...(search !== '' && { search }),
        ...(cursor !== null && { cursor }),
      };
      const answer = await answerOf(api.GET('/api/conversations', { params: { query }, signal }));
      return { items: answer.conversations, next: answer.next_cursor };
    },
    [organizationId, search],
  );
  const queryKey = useMemo(() => [organizationId, 'conversations', search], [organizationId, search]);
  const list = useLiveList({ queryKey, read, kind: KIND });
  const { items, refresh, refetch, change } = list;
  useLiveEvents(({ name, payload }) => {
    const { contactId } = payload;
    if (name === 'whatsapp:message' || name === 'whatsapp:message-sent') {
      refresh();
    } else if (CHANGING.includes(name)) {
      const changed = payload['change'];
      if (changed === 'merged' || changed === 'unmerged') {
        void refetch();
        return;
      }
      const at = items?.findIndex(({ contact }) => contact.id === contactId) ?? -1;
      if (at < PAGE) {
        // A call that is on its way may have read what was before: the last word is what is read from now on.
        refresh();
      } else {
        void readAgain(organizationId, items![at]!, changed === 'read').then(
          (now) => change(contactId!, () => now),
          () => undefined,
        );
      }
    }
  });
  return list;
}

/** @returns what may be another in a conversation in which nothing new was written */
async function readAgain(
  organizationId: string,
  conversation: Conversation,
  isRead: boolean,
): Promise<Conversation> {
  const { id } = conversation.contact;
  const ofContact = { organization_id: organizationId, contact_id: id };
  const [{ contact }, { message }, { bookings }] = await Promise.all([
    answerOf(
      api.GET('/api/contacts/{id}', { params: { path: { id }, query: { organization_id: organizationId } } }),
    ),
    answerOf(api.GET('/api/messages/{id}', { params: { path: { id: conversation.last_message.id } } })),
    answerOf(api.GET('/api/bookings', { params: { query: { ...ofContact, status: 'pending', limit: 100 } } })),
  ]);
  const [booking = null] = bookings.toSorted((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  return {
    contact,
    last_message: message,
    unread_count: isRead ? 0 : conversation.unread_count,
    open_booking: booking,
  };
}
