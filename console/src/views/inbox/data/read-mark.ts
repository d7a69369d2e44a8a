import { useEffect, useRef } from 'react';
import { answerOf, api } from '../../../api/client.ts';
import { useLiveState } from '../../../live/Live.tsx';
import { useOrganizationId } from '../../../session/caller.ts';
import type { Message } from './conversations.ts';
import { useVisible } from './use-visible.ts';

/**
 * Marks as read what a contact wrote, once somebody sees it.
 * @param messages the newest first
 * @param isSeen whether the end of the conversation is shown to somebody who may say that it was read
 */
export function useReadMark(contactId: string, messages: readonly Message[], isSeen: boolean): void {
  const organizationId = useOrganizationId();
  const isVisible = useVisible();
  const liveState = useLiveState();
  const marked = useRef<string>(undefined);
  const newest = messages.find(({ direction }) => direction === 'inbound')?.id;
  useEffect(() => {
    if (!isSeen || !isVisible || newest === undefined || marked.current === newest) {
      return;
    }
    marked.current = newest;
    const params = { path: { id: contactId }, query: { organization_id: organizationId } };
    answerOf(api.POST('/api/contacts/{id}/read', { params })).catch(() => {
      // It is marked with the next message, or when the line is back.
      marked.current = undefined;
    });
  }, [contactId, organizationId, newest, isSeen, isVisible, liveState]);
}
