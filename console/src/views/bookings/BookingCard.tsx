import { ArrowRightLeft, Clock } from 'lucide-react';
import { type Booking, bookingName, type BookingStatus, NEXT_STATUSES } from '../../bookings/booking.ts';
import { messages as bookingMessages } from '../../bookings/messages.ts';
import { MOVES } from '../../bookings/StatusButtons.tsx';
import { contactName, useListedContact } from '../../contacts/contacts.ts';
import { messages as contactMessages } from '../../contacts/messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useCaller } from '../../session/caller.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import styles from './Board.module.css';
import { messages } from './messages.ts';

interface BookingCardProps {
  booking: Booking;
  onOpen: (id: string) => void;
  onMove: (booking: Booking, status: BookingStatus) => void;
  onDrag: (booking: Booking | undefined) => void;
}

/** One booking on the board: it opens, and can be dragged or sent to another column. */
export function BookingCard({ booking, onOpen, onMove, onDrag }: BookingCardProps) {
  const t = useMessages(messages);
  const bookingTexts = useMessages(bookingMessages);
  const contactTexts = useMessages(contactMessages);
  const format = useFormats();
  const { may } = useCaller();
  const contact = useListedContact(booking.contact_id);
  const who = contact === undefined ? '…' : contactName(contact, contactTexts('unnamed'));
  const what = bookingName(booking);
  const next = may('send') ? NEXT_STATUSES[booking.status] : [];
  return (
    <div
      className={styles.card}
      draggable={next.length > 0}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', who);
        onDrag(booking);
      }}
      onDragEnd={() => onDrag(undefined)}
    >
      <button type="button" className={styles.open} onClick={() => onOpen(booking.id)}>
        <span className={styles.who}>{who}</span>
        {what !== undefined && <span className={styles.what}>{what}</span>}
        <span className={styles.when}>
          <Clock size={16} aria-hidden />
          {booking.starts_at === null
            ? t('since', { time: format.ago(booking.created_at) })
            : format.meeting(booking.starts_at)}
        </span>
      </button>
      {next.length > 0 && (
        <Menu
          trigger={
            <IconButton
              label={t('actions', { name: what ?? bookingTexts('untitled'), contact: who })}
              className={styles.menu}
            >
              <ArrowRightLeft size={20} aria-hidden />
            </IconButton>
          }
        >
          {next.map((status) => {
            const { text, Icon } = MOVES[status as keyof typeof MOVES];
            return (
              <MenuItem
                key={status}
                icon={<Icon size={20} aria-hidden />}
                isDangerous={status === 'cancelled'}
                onClick={() => onMove(booking, status)}
              >
                {bookingTexts(text)}
              </MenuItem>
            );
          })}
        </Menu>
      )}
    </div>
  );
}
