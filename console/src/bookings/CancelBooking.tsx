import { useMessages } from '../i18n/I18n.tsx';
import { Confirmation } from '../ui/Dialog.tsx';
import type { Booking } from './booking.ts';
import { useBookingErrorText } from './booking-error.ts';
import { useMoveBooking } from './change-booking.ts';
import { messages } from './messages.ts';

interface CancelBookingProps {
  booking: Booking;
  onClose: () => void;
  onCancelled?: () => void;
}

/** Asks before a booking is cancelled: there is no way back from there. */
export function CancelBooking({ booking, onClose, onCancelled }: CancelBookingProps) {
  const t = useMessages(messages);
  const textOf = useBookingErrorText();
  const cancel = useMoveBooking();
  return (
    <Confirmation
      isOpen
      onClose={onClose}
      title={t('cancelTitle')}
      description={t('cancelText')}
      action={t('toCancelled')}
      wayBack={t('keepBooking')}
      isDangerous
      errorOf={textOf}
      onConfirm={async () => {
        await cancel.mutateAsync({ booking, change: { status: 'cancelled' } });
        onCancelled?.();
      }}
    />
  );
}
