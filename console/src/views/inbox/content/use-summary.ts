import { useCallback } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import type { Message } from '../data/conversations.ts';
import { messages } from '../messages.ts';

type Said = Pick<Message, 'type' | 'content' | 'deleted_at'>;

/** What stands in brackets are the service's own words for what has none. */
const OWN_WORDS = /^\[[a-z ]+[^\]]*\]\s*/;

/** @returns the words of a message without the service's own for its kind */
export function wordsOf({ type, content }: Said): string {
  return type === 'text' ? content : content.replace(OWN_WORDS, '');
}

/** @returns says in a line what a message is: its words, and of what kind it is where it is no text */
export function useSummary(): (message: Said) => string {
  const t = useMessages(messages);
  return useCallback(
    (message) => {
      if (message.deleted_at !== null) {
        return t('deleted');
      }
      const words = wordsOf(message);
      if (message.type === 'text') {
        return words;
      }
      const kind = t(`kind-${message.type}`);
      return words === '' ? kind : `${kind}: ${words}`;
    },
    [t],
  );
}
