import { useVirtualizer } from '@tanstack/react-virtual';
import { type DragEvent, useRef, useState } from 'react';
import type { Booking, BookingStatus } from '../../bookings/booking.ts';
import type { useBookingList } from '../../bookings/booking-list.ts';
import { messages as bookingMessages } from '../../bookings/messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import styles from './Board.module.css';
import { BookingCard } from './BookingCard.tsx';
import { messages } from './messages.ts';

/** What a card is about as high as, before it was shown, in px. */
const CARD_HEIGHT = 116;

interface ColumnProps {
  status: BookingStatus;
  list: ReturnType<typeof useBookingList>;
  isShown: boolean;
  /** What is being dragged may be dropped here. */
  isTarget: boolean;
  onOpen: (id: string) => void;
  onMove: (booking: Booking, status: BookingStatus) => void;
  onDrag: (booking: Booking | undefined) => void;
  onDrop: () => void;
}

/** The bookings of one status. However many there are, only those in sight are in the document. */
export function Column({ status, list, isShown, isTarget, onOpen, onMove, onDrag, onDrop }: ColumnProps) {
  const t = useMessages(messages);
  const bookingTexts = useMessages(bookingMessages);
  const format = useFormats();
  const scroller = useRef<HTMLDivElement>(null);
  const [isOver, setOver] = useState(false);
  const bookings = list.data?.pages.flatMap((page) => page.bookings) ?? [];
  // It is not memoized, and nothing that it gives is handed on.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: bookings.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD_HEIGHT,
    getItemKey: (place) => bookings[place]!.id,
    overscan: 4,
  });
  const dropping = isTarget && {
    onDragOver(event: DragEvent) {
      event.preventDefault();
      event.dataTransfer.dropEffect = 'move';
      setOver(true);
    },
    onDragLeave: (event: DragEvent<HTMLElement>) =>
      event.currentTarget.contains(event.relatedTarget as Node | null) || setOver(false),
    onDrop(event: DragEvent) {
      event.preventDefault();
      setOver(false);
      onDrop();
    },
  };
  const count = bookings.length;
  return (
    <section
      aria-label={bookingTexts(status)}
      className={styles.column}
      data-shown={isShown}
      data-target={isTarget}
      data-over={isTarget && isOver}
      {...dropping}
    >
      <h2 className={styles.title}>
        {bookingTexts(status)}
        <span className={styles.count}>
          <span aria-hidden>
            {format.number(count)}
            {list.hasNextPage && '+'}
          </span>
          <span className="visually-hidden">{t(list.hasNextPage ? 'atLeast' : 'count', { count })}</span>
        </span>
      </h2>
      <div ref={scroller} className={styles.scroller}>
        {count === 0 ? (
          <p className={styles.none}>{t('none')}</p>
        ) : (
          <ul className={styles.cards} style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map(({ key, index, start }) => (
              <li
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                className={styles.place}
                style={{ translate: `0 ${start}px` }}
              >
                <BookingCard booking={bookings[index]!} onOpen={onOpen} onMove={onMove} onDrag={onDrag} />
              </li>
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <Button look="quiet" isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t('more')}
          </Button>
        )}
      </div>
    </section>
  );
}
