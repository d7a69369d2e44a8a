import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { Loading } from '../../../ui/States.tsx';
import { whenOpened } from '../../../ui/when-opened.ts';
import type { Message, Note } from '../data/conversations.ts';
import { messages } from '../messages.ts';
import { useMoments } from '../use-moments.ts';
import { MessageBubble } from './MessageBubble.tsx';
import type { MessageAction } from './MessageActions.tsx';
import { NoteBubble } from './NoteBubble.tsx';
import { OutgoingBubble } from './OutgoingBubble.tsx';
import type { Row } from './rows.ts';
import styles from './Thread.module.css';

const MessageActions = whenOpened(async () => (await import('./MessageActions.tsx')).MessageActions);

/** So many lines from the oldest that is here the next older ones are read. */
const AHEAD = 10;
const ESTIMATE_PX = 84;
const END_PX = 80;

interface TimelineProps {
  rows: readonly Row[];
  name: string;
  contactId: string;
  hasOlder: boolean;
  isReadingOlder: boolean;
  onOlder: () => void;
  /** A message to be shown, wherever it is. */
  targetId: string | undefined;
  onReply: (message: Message) => void;
  onAtEnd: (isAtEnd: boolean) => void;
}

/**
 * What was written, the newest below. It stays where somebody reads, whatever comes above or below; at its end it follows what comes.
 */
export function Timeline(props: TimelineProps) {
  const { rows, name, contactId, hasOlder, isReadingOlder, onOlder, targetId, onReply, onAtEnd } = props;
  const t = useMessages(messages);
  const { day } = useMoments();
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  /** Until somebody goes back. */
  const isFollowing = useRef(targetId === undefined);
  const lastTop = useRef(0);
  const [sought, setSought] = useState(targetId);
  const [shownId, setShownId] = useState<string>();
  const [acting, setActing] = useState<{ on: Message | Note; anchor: HTMLElement }>();
  // What it gives changes with each scroll, so nothing of it is memoized.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ESTIMATE_PX,
    getItemKey: useCallback((index: number) => rows[index]!.key, [rows]),
    overscan: 6,
    anchorTo: 'end',
    followOnAppend: sought === undefined,
    scrollEndThreshold: END_PX,
    paddingStart: 16,
    paddingEnd: 16,
  });
  const look = useCallback(() => {
    const { scrollHeight, scrollTop, clientHeight } = scroller.current!;
    const isEnd = scrollHeight - scrollTop - clientHeight <= END_PX;
    // What grows above or below moves the end away, and nobody has gone back.
    isFollowing.current = isEnd || (isFollowing.current && scrollTop >= lastTop.current);
    lastTop.current = scrollTop;
    setAtEnd(isEnd);
    onAtEnd(isEnd);
  }, [onAtEnd]);
  const drawn = virtual.getVirtualItems();
  const first = drawn[0]?.index ?? Infinity;

  useEffect(() => {
    if (hasOlder && !isReadingOlder && (first < AHEAD || (sought !== undefined && !has(rows, sought)))) {
      onOlder();
    }
  }, [hasOlder, isReadingOlder, first, onOlder, sought, rows]);
  useEffect(() => setSought(targetId), [targetId]);
  useEffect(() => {
    const index = rows.findIndex(({ key }) => key === sought);
    if (sought === undefined || index === -1) {
      return;
    }
    isFollowing.current = false;
    virtual.scrollToIndex(index, { align: 'center' });
    setShownId(sought);
    setSought(undefined);
    // It may be where one is already: nothing is scrolled then.
    requestAnimationFrame(() => scroller.current !== null && look());
  }, [rows, sought, virtual, look]);

  const height = virtual.scrollRect?.height;
  const total = virtual.getTotalSize();
  useLayoutEffect(() => {
    // What one writes with takes more room, or less; what is shown is higher than it was thought to be.
    if (isFollowing.current && sought === undefined) {
      scroller.current!.scrollTop = scroller.current!.scrollHeight;
    }
  }, [height, total, sought]);

  const onAct = useCallback((on: Message | Note, anchor: HTMLElement) => setActing({ on, anchor }), []);
  const onAction = (action: MessageAction) => {
    if (action.kind === 'reply') {
      onReply(action.message);
    }
    setActing(undefined);
  };
  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        onScroll={look}
        role="log"
        aria-label={t('conversationWith', { name })}
        // It scrolls, so keys have to reach it.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        {isReadingOlder && (
          <div className={styles.reading}>
            <Loading label={t('readingOlder')} />
          </div>
        )}
        {rows.length === 0 && <p className={styles.nothingYet}>{t('nothingYet')}</p>}
        <div className={styles.lines} style={{ height: total }}>
          {drawn.map(({ index, key, start }) => {
            const row = rows[index]!;
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className={`${styles.line} ${row.key === shownId ? styles.sought : ''}`}
                style={{ transform: `translateY(${start}px)` }}
              >
                {row.kind === 'day' ? (
                  <p className={styles.day}>
                    <time dateTime={row.at}>{day(row.at)}</time>
                  </p>
                ) : row.kind === 'outgoing' ? (
                  <OutgoingBubble outgoing={row.outgoing} />
                ) : row.entry.kind === 'message' ? (
                  <MessageBubble message={row.entry.message} name={name} onAct={onAct} onSeek={setSought} />
                ) : (
                  <NoteBubble note={row.entry.note} onAct={onAct} onSeek={setSought} name={name} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!isAtEnd && (
        <button
          type="button"
          className={styles.toEnd}
          aria-label={t('toEnd')}
          onClick={() => virtual.scrollToEnd()}
        >
          <ArrowDown size={22} aria-hidden />
        </button>
      )}
      {acting !== undefined && (
        <MessageActions
          on={acting.on}
          anchor={acting.anchor}
          contactId={contactId}
          onAction={onAction}
          onClose={() => setActing(undefined)}
        />
      )}
    </div>
  );
}

function has(rows: readonly Row[], key: string): boolean {
  return rows.some((row) => row.key === key);
}
