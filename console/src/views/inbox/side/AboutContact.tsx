import { useInfiniteQuery } from '@tanstack/react-query';
import { CalendarPlus } from 'lucide-react';
import { useState } from 'react';
import { useViews } from '../../../app/views.ts';
import { type BookingDraft, nextHour } from '../../../bookings/booking-draft.ts';
import { bookingsOfQuery } from '../../../bookings/booking-list.ts';
import { messages as bookingMessages } from '../../../bookings/messages.ts';
import { EditBooking, NewBooking } from '../../../bookings/windows.ts';
import type { Contact } from '../../../contacts/contacts.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useCaller, useOrganizationId } from '../../../session/caller.ts';
import { Button, ButtonLink } from '../../../ui/Button.tsx';
import { Failed, Loading } from '../../../ui/States.tsx';
import { messages } from '../messages.ts';
import { BookingCard } from './BookingCard.tsx';
import styles from './Side.module.css';

/** The bookings of a contact, the newest first, and a new one. */
export function AboutContact({ contact }: { contact: Contact }) {
  const t = useMessages(messages);
  const bookingTexts = useMessages(bookingMessages);
  const { may } = useCaller();
  const organizationId = useOrganizationId();
  const [making, setMaking] = useState<Partial<BookingDraft>>();
  const [opened, setOpened] = useState<string>();
  const list = useInfiniteQuery(bookingsOfQuery(organizationId, contact.id));
  const bookings = list.data?.pages.flatMap((page) => page.bookings);
  const hasContacts = useViews().some(({ path }) => path === '/contacts');
  return (
    <div className={styles.about}>
      {may('send') && (
        <Button icon={<CalendarPlus size={20} aria-hidden />} onClick={() => setMaking(nextHour(new Date()))}>
          {bookingTexts('newBooking')}
        </Button>
      )}
      {bookings === undefined &&
        (list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : <Loading />)}
      {bookings?.length === 0 && <p className={styles.muted}>{t('noBookings')}</p>}
      <ul className={styles.bookings}>
        {bookings?.map((booking) => (
          <li key={booking.id}>
            <BookingCard booking={booking} onOpen={setOpened} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
      {hasContacts && <ButtonLink to={`/contacts/${contact.id}`}>{bookingTexts('openContact')}</ButtonLink>}
      {making !== undefined && (
        <NewBooking contact={contact} initial={making} onClose={() => setMaking(undefined)} />
      )}
      {opened !== undefined && <EditBooking key={opened} id={opened} onClose={() => setOpened(undefined)} />}
    </div>
  );
}
