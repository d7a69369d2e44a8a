import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { Loading } from '../../../ui/States.tsx';
import type { Conversation } from '../data/conversations.ts';
import { messages } from '../messages.ts';
import { ConversationRow } from './ConversationRow.tsx';
import styles from './Conversations.module.css';

/** As the style sheet has it, in rem: with the text everything grows. */
const ROW_REM = 4.75;
/** So far from the end the next page is read. */
const AHEAD = 20;

interface VirtualConversationsProps {
  conversations: readonly Conversation[];
  contactId: string | undefined;
  hasMore: boolean;
  isReadingMore: boolean;
  onMore: () => void;
  /** Where there are none. */
  empty: ReactNode;
  /** Below them. */
  after: ReactNode;
}

/** The list of conversations, of which only those are drawn that can be seen. Arrows lead from one to the next. */
export function VirtualConversations(props: VirtualConversationsProps) {
  const { conversations, contactId, hasMore, isReadingMore, onMore, empty, after } = props;
  const t = useMessages(messages);
  const scroller = useRef<HTMLDivElement>(null);
  // What it gives changes with each scroll, so nothing of it is memoized.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: conversations.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_REM * remPx(),
    getItemKey: (index) => conversations[index]!.contact.id,
    overscan: 8,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isReadingMore && last >= conversations.length - AHEAD) {
      onMore();
    }
  }, [hasMore, isReadingMore, last, conversations.length, onMore]);

  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = (event.target as HTMLElement).closest('[data-index]');
    if (step === undefined || row === null) {
      return;
    }
    const next = Number(row.getAttribute('data-index')) + step;
    if (next < 0 || next >= conversations.length) {
      return;
    }
    event.preventDefault();
    virtual.scrollToIndex(next, { align: 'auto' });
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"] a`)?.focus(),
    );
  };
  return (
    <div className={styles.scroller} ref={scroller}>
      {conversations.length === 0 && !hasMore && empty}
      {/* Its links have the focus; what they are asked for by arrows comes here. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul
        className={styles.list}
        aria-label={t('conversations')}
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={walk}
      >
        {rows.map(({ index, key, start }) => (
          <li
            key={key}
            data-index={index}
            className={styles.place}
            style={{ transform: `translateY(${start}px)` }}
            aria-setsize={hasMore ? -1 : conversations.length}
            aria-posinset={index + 1}
          >
            <ConversationRow
              conversation={conversations[index]!}
              isCurrent={conversations[index]!.contact.id === contactId}
            />
          </li>
        ))}
      </ul>
      {hasMore && <Loading label={t('readingMore')} />}
      {after}
    </div>
  );
}

function remPx(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}
