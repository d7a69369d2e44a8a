import { type Booking, bookingName } from '../../../bookings/booking.ts';
import { BookingStatusBadge } from '../../../bookings/BookingStatusBadge.tsx';
import { messages as bookingMessages } from '../../../bookings/messages.ts';
import { StatusButtons } from '../../../bookings/StatusButtons.tsx';
import { useFormats } from '../../../i18n/formats.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useCaller } from '../../../session/caller.ts';
import { messages } from '../messages.ts';
import styles from './Side.module.css';

interface BookingCardProps {
  booking: Booking;
  onOpen: (id: string) => void;
}

/** A booking beside the conversation: it opens, and gets its next status at once. */
export function BookingCard({ booking, onOpen }: BookingCardProps) {
  const t = useMessages(messages);
  const bookingTexts = useMessages(bookingMessages);
  const { dateTime } = useFormats();
  const { may } = useCaller();
  const { id, status, starts_at: startsAt, notes } = booking;
  return (
    <article className={styles.booking}>
      <BookingStatusBadge status={status} />
      <h3>
        <button type="button" className={styles.open} onClick={() => onOpen(id)}>
          {bookingName(booking) ?? bookingTexts('untitled')}
        </button>
      </h3>
      <p className={styles.muted}>{startsAt === null ? t('noTime') : dateTime(startsAt)}</p>
      {notes !== null && <p className={styles.notes}>{notes}</p>}
      {may('send') && <StatusButtons booking={booking} />}
    </article>
  );
}
