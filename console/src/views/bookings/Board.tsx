import { CalendarDays } from 'lucide-react';
import { useState } from 'react';
import { type Booking, type BookingStatus, NEXT_STATUSES, STATUSES } from '../../bookings/booking.ts';
import { useBookingList } from '../../bookings/booking-list.ts';
import { CancelBooking } from '../../bookings/windows.ts';
import { messages as bookingMessages } from '../../bookings/messages.ts';
import { useMove } from '../../bookings/use-move.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useCaller } from '../../session/caller.ts';
import { Choice } from '../../ui/Choice.tsx';
import { Empty, Failed, Loading } from '../../ui/States.tsx';
import styles from './Board.module.css';
import { Column } from './Column.tsx';
import { messages } from './messages.ts';

/** Bookings in a column for each status. On narrow screens one column is shown at a time. */
export function Board({ onOpen }: { onOpen: (id: string) => void }) {
  const t = useMessages(messages);
  const bookingTexts = useMessages(bookingMessages);
  const { may } = useCaller();
  const move = useMove();
  const lists = {
    pending: useBookingList('pending'),
    confirmed: useBookingList('confirmed'),
    completed: useBookingList('completed'),
    cancelled: useBookingList('cancelled'),
  };
  const [shown, setShown] = useState<BookingStatus>('pending');
  const [dragged, setDragged] = useState<Booking>();
  const [cancelling, setCancelling] = useState<Booking>();
  const all = Object.values(lists);
  const failed = all.find(({ isError, data }) => isError && data === undefined);

  const moveTo = (booking: Booking, status: BookingStatus) =>
    status === 'cancelled' ? setCancelling(booking) : move(booking, status);

  if (failed !== undefined) {
    return <Failed error={failed.error} onRetry={() => all.forEach((list) => void list.refetch())} />;
  }
  if (all.some(({ data }) => data === undefined)) {
    return <Loading />;
  }
  if (all.every(({ data }) => data!.pages[0]!.bookings.length === 0)) {
    return (
      <Empty icon={<CalendarDays size={32} aria-hidden />} title={t('empty')}>
        {may('send') ? t('emptyText') : t('emptyReader')}
      </Empty>
    );
  }
  return (
    <>
      <Choice
        className={styles.choice}
        label={t('status')}
        value={shown}
        options={STATUSES.map((status) => [status, bookingTexts(status)] as const)}
        onChange={setShown}
      />
      <div className={styles.board}>
        {STATUSES.map((status) => (
          <Column
            key={status}
            status={status}
            list={lists[status]}
            isShown={status === shown}
            isTarget={dragged !== undefined && NEXT_STATUSES[dragged.status].includes(status)}
            onOpen={onOpen}
            onMove={moveTo}
            onDrag={setDragged}
            onDrop={() => {
              if (dragged !== undefined) {
                moveTo(dragged, status);
              }
              setDragged(undefined);
            }}
          />
        ))}
      </div>
      {cancelling !== undefined && (
        <CancelBooking booking={cancelling} onClose={() => setCancelling(undefined)} />
      )}
    </>
  );
}
