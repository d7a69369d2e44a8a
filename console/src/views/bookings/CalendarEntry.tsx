import { type Booking, bookingName, NEXT_STATUSES } from '../../bookings/booking.ts';
import { messages as bookingMessages } from '../../bookings/messages.ts';
import { contactName, useListedContact } from '../../contacts/contacts.ts';
import { messages as contactMessages } from '../../contacts/messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import styles from './Calendar.module.css';

interface CalendarEntryProps {
  booking: Booking;
  onOpen: (id: string) => void;
  /** There is room for several lines. */
  isTall?: boolean;
  onDrag?: ((booking: Booking | undefined) => void) | undefined;
}

/** One booking in the calendar: when, who and what. */
export function CalendarEntry({ booking, onOpen, isTall = false, onDrag }: CalendarEntryProps) {
  const bookingTexts = useMessages(bookingMessages);
  const contactTexts = useMessages(contactMessages);
  const format = useFormats();
  const contact = useListedContact(booking.contact_id);
  const isMovable = onDrag !== undefined && NEXT_STATUSES[booking.status].length > 0;
  const what = bookingName(booking);
  return (
    <button
      type="button"
      className={styles.entry}
      data-status={booking.status}
      data-tall={isTall}
      draggable={isMovable}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', booking.id);
        onDrag?.(booking);
      }}
      onDragEnd={() => onDrag?.(undefined)}
      onClick={() => onOpen(booking.id)}
    >
      <span className={styles.words}>
        <span className={styles.time}>{format.time(booking.starts_at!)}</span>{' '}
        <strong>{contact === undefined ? '…' : contactName(contact, contactTexts('unnamed'))}</strong>
        {what !== undefined && <span className={styles.what}> · {what}</span>}
        <span className="visually-hidden"> ({bookingTexts(booking.status)})</span>
      </span>
    </button>
  );
}
