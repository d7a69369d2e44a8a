import { useMessages } from '../i18n/I18n.tsx';
import { Badge } from '../ui/States.tsx';
import type { BookingStatus } from './booking.ts';
import { messages } from './messages.ts';

const KINDS = { pending: 'warn', confirmed: 'good', completed: 'neutral', cancelled: 'bad' } as const;

/** Where a booking stands, in a word. */
export function BookingStatusBadge({ status }: { status: BookingStatus }) {
  const t = useMessages(messages);
  return <Badge kind={KINDS[status]}>{t(status)}</Badge>;
}
