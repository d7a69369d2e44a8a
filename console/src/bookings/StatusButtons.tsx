import { Check, CheckCheck, X } from 'lucide-react';
import { useState } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { Button } from '../ui/Button.tsx';
import { type Booking, type BookingStatus, NEXT_STATUSES } from './booking.ts';
import styles from './Bookings.module.css';
import { messages } from './messages.ts';
import { useMove } from './use-move.ts';
import { CancelBooking } from './windows.ts';

/** What a booking may become, with the picture and the name of doing so. */
export const MOVES = {
  confirmed: { text: 'toConfirmed', Icon: Check },
  completed: { text: 'toCompleted', Icon: CheckCheck },
  cancelled: { text: 'toCancelled', Icon: X },
} as const satisfies Partial<Record<BookingStatus, object>>;

interface StatusButtonsProps {
  booking: Booking;
  onMoved?: () => void;
}

/** Gives a booking its next status. */
export function StatusButtons({ booking, onMoved }: StatusButtonsProps) {
  const t = useMessages(messages);
  const move = useMove();
  const [isCancelling, setCancelling] = useState(false);
  const next = NEXT_STATUSES[booking.status];
  return next.length === 0 ? null : (
    <div className={styles.moves}>
      {next.map((status) => {
        const { text, Icon } = MOVES[status as keyof typeof MOVES];
        return (
          <Button
            key={status}
            icon={<Icon size={20} aria-hidden />}
            onClick={() => {
              if (status === 'cancelled') {
                setCancelling(true);
              } else {
                move(booking, status);
                onMoved?.();
              }
            }}
          >
            {t(text)}
          </Button>
        );
      })}
      {isCancelling && (
        <CancelBooking
          booking={booking}
          onClose={() => setCancelling(false)}
          onCancelled={() => onMoved?.()}
        />
      )}
    </div>
  );
}
