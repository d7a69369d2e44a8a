import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { answerOf, api } from '../../../api/client.ts';
import { contactQuery } from '../../../contacts/contacts.ts';
import type { ListKind, ListPage } from '../../../live/live-list.ts';
import { useLiveEvents } from '../../../live/Live.tsx';
import { useLiveList } from '../../../live/use-live-list.ts';
import { useOrganizationId } from '../../../session/caller.ts';
import type { Message, Note } from './conversations.ts';
import { endOf, entriesOf } from './timeline.ts';

const PAGE = 50;
const NO_MESSAGES: readonly Message[] = [];
const NO_NOTES: readonly Note[] = [];

/** Nothing moves in these lists: what is known already has nothing new below it. */
const KIND: ListKind<{ id: string }> = { keyOf: ({ id }) => id, isSettled: () => true };

const NEW = ['whatsapp:message', 'whatsapp:message-sent'];
/** Tell by `id` of a message, or of a note from the phone, that is another now. */
const CHANGING = [
  'whatsapp:message-status',
  'whatsapp:message-edited',
  'whatsapp:message-deleted',
  'whatsapp:message-updated',
  'whatsapp:reaction',
  'whatsapp:media',
];

/** A contact, as it is now. One that was joined with another is the one that it became. */
export function useContact(contactId: string) {
  return useQuery({
    ...contactQuery(useOrganizationId(), contactId),
    select: ({ contact }) => contact,
    enabled: contactId !== '',
  });
}

/** What was written to and by a contact, and the notes about it, as they are now. */
export function useThread(contactId: string) {
  const organizationId = useOrganizationId();
  const current = useContact(contactId).data?.id;
  const messages = useMessagesOf(organizationId, contactId);
  const notes = useNotesOf(organizationId, contactId);

  useLiveEvents(({ name, payload }) => {
    const id = payload['id'] as string | undefined;
    if (payload.contactId !== contactId && payload.contactId !== current) {
      return;
    }
    if (NEW.includes(name)) {
      messages.refresh();
    } else if (name === 'whatsapp:note') {
      const noteId = payload['noteId'] as string;
      if (payload['change'] === 'created') {
        notes.refresh();
      } else if (payload['change'] === 'deleted') {
        notes.change(noteId, () => undefined);
        notes.refresh();
      } else {
        notes.reread(noteId);
      }
    } else if (CHANGING.includes(name) && id !== undefined) {
      (notes.items?.some((note) => note.id === id) ? notes : messages).reread(id);
    } else if (name === 'whatsapp:contact' && payload['change'] !== 'read') {
      void messages.refetch();
      void notes.refetch();
    }
  });

  const entries = useMemo(
    () =>
      entriesOf(
        { items: messages.items, hasNextPage: messages.hasNextPage },
        { items: notes.items, hasNextPage: notes.hasNextPage },
      ),
    [messages.items, messages.hasNextPage, notes.items, notes.hasNextPage],
  );
  const lists = useRef({ messages, notes });
  useEffect(() => {
    lists.current = { messages, notes };
  });
  const readOlder = useCallback(() => {
    const { messages: ofMessages, notes: ofNotes } = lists.current;
    const ends = [endOf(ofMessages), endOf(ofNotes)];
    // The list that was read less far back hides what is older of the other.
    [ofMessages, ofNotes].forEach((list, index) => {
      if (list.hasNextPage && !list.isFetchingNextPage && ends[index]! >= ends[1 - index]!) {
        void list.fetchNextPage();
      }
    });
  }, []);
  const retry = () => {
    for (const list of [messages, notes]) {
      if (list.isError) {
        void list.refetch();
      }
    }
  };
  return {
    /** The oldest first; undefined while nothing is read. */
    entries,
    /** The newest first. */
    messages: messages.items ?? NO_MESSAGES,
    /** The newest first. */
    notes: notes.items ?? NO_NOTES,
    error: messages.error ?? notes.error,
    retry,
    // Where that failed, it is not tried again and again.
    hasOlder: [messages, notes].some((list) => list.hasNextPage && !list.isFetchNextPageError),
    isReadingOlder: messages.isFetchingNextPage || notes.isFetchingNextPage,
    readOlder,
  };
}

function useMessagesOf(organizationId: string, contactId: string) {
  const read = useCallback(
    async (cursor: string | null, signal?: AbortSignal): Promise<ListPage<Message>> => {
      const query = {
        organization_id: organizationId,
        contact_id: contactId,
        limit: PAGE,
        ...(cursor !== null && { cursor }),
      };
      const answer = await answerOf(api.GET('/api/messages', { params: { query }, signal }));
      return { items: answer.messages, next: answer.next_cursor };
    },
    [organizationId, contactId],
  );
  const readOne = useCallback(
    async (id: string) =>
      (await answerOf(api.GET('/api/messages/{id}', { params: { path: { id } } }))).message,
    [],
  );
  return useThreadList([organizationId, 'messages-of', contactId], read, readOne);
}

function useNotesOf(organizationId: string, contactId: string) {
  const read = useCallback(
    async (cursor: string | null, signal?: AbortSignal): Promise<ListPage<Note>> => {
      const query = {
        organization_id: organizationId,
        contact_id: contactId,
        limit: PAGE,
        ...(cursor !== null && { cursor }),
      };
      const answer = await answerOf(api.GET('/api/notes', { params: { query }, signal }));
      return { items: answer.notes, next: answer.next_cursor };
    },
    [organizationId, contactId],
  );
  const readOne = useCallback(
    async (id: string) => {
      const params = { path: { id }, query: { organization_id: organizationId } };
      return (await answerOf(api.GET('/api/notes/{id}', { params }))).note;
    },
    [organizationId],
  );
  return useThreadList([organizationId, 'notes-of', contactId], read, readOne);
}

/** @returns a list of which one item can be read again: one of the first page by the page, so that the last answer is the last word */
function useThreadList<Item extends { id: string }>(
  queryKey: string[],
  read: (cursor: string | null, signal?: AbortSignal) => Promise<ListPage<Item>>,
  readOne: (id: string) => Promise<Item>,
) {
  const list = useLiveList<Item>({ queryKey, read, kind: KIND });
  const { items, refresh, change } = list;
  const reread = (id: string) => {
    const at = items?.findIndex((item) => item.id === id) ?? -1;
    if (at < PAGE) {
      refresh();
      return;
    }
    readOne(id).then(
      (now) => change(id, () => now),
      () => undefined,
    );
  };
  return { ...list, reread };
}
