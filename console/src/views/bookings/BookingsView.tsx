import { useState } from 'react';
import { Route, Switch, useSearchParams } from 'wouter';
import { Plus } from 'lucide-react';
import type { BookingDraft } from '../../bookings/booking-draft.ts';
import { useLiveBookings } from '../../bookings/booking-list.ts';
import { EditBooking, NewBooking } from '../../bookings/windows.ts';
import { messages as bookingMessages } from '../../bookings/messages.ts';
import { useLiveContacts } from '../../contacts/contacts.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useCaller } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Page } from '../../ui/Page.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { Board } from './Board.tsx';
import { Calendar } from './Calendar.tsx';
import styles from './BookingsView.module.css';
import { messages } from './messages.ts';

/** Bookings by status on a board, or by time in a calendar. `?booking=` opens one of them. */
export function BookingsView() {
  const t = useMessages(messages);
  const bookingTexts = useMessages(bookingMessages);
  const { may } = useCaller();
  const [search, setSearch] = useSearchParams();
  const [isMaking, setMaking] = useState<Partial<BookingDraft>>();
  const opened = search.get('booking');
  useLiveBookings();
  useLiveContacts();
  const open = (id: string | undefined) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (id === undefined) {
          after.delete('booking');
        } else {
          after.set('booking', id);
        }
        return after;
      },
      { replace: true },
    );
  return (
    <Page title={t('title')} isFull>
      <div className={styles.view}>
        <div className={styles.toolbar}>
          <Tabs
            label={t('views')}
            tabs={[
              { to: '/bookings', title: t('board') },
              { to: '/bookings/calendar', title: t('calendar') },
            ]}
          />
          {may('send') && (
            <Button look="main" icon={<Plus size={20} aria-hidden />} onClick={() => setMaking({})}>
              <span className={styles.label}>{bookingTexts('newBooking')}</span>
            </Button>
          )}
        </div>
        <Switch>
          <Route path="/bookings/calendar">
            <Calendar onOpen={open} onMake={setMaking} />
          </Route>
          <Route>
            <Board onOpen={open} />
          </Route>
        </Switch>
      </div>
      {isMaking !== undefined && <NewBooking initial={isMaking} onClose={() => setMaking(undefined)} />}
      {opened !== null && <EditBooking key={opened} id={opened} onClose={() => open(undefined)} />}
    </Page>
  );
}
