import { useMessages } from '../i18n/I18n.tsx';
import { toast } from '../ui/Toasts.tsx';
import { type Booking, bookingName, type BookingStatus } from './booking.ts';
import { useBookingErrorText } from './booking-error.ts';
import { useMoveBooking } from './change-booking.ts';
import { messages } from './messages.ts';

/** @returns gives a booking another status, and says what came of it */
export function useMove(): (booking: Booking, status: BookingStatus) => void {
  const t = useMessages(messages);
  const textOf = useBookingErrorText();
  const move = useMoveBooking();
  return (booking, status) => {
    // Whatever asked for it may be gone when it is done.
    void move.mutateAsync({ booking, change: { status } }).then(
      () => toast(t('moved', { name: bookingName(booking) ?? t('untitled'), status })),
      (error: unknown) => toast(textOf(error), 'bad'),
    );
  };
}
