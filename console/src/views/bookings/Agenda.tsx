import type { Booking } from '../../bookings/booking.ts';
import { useLocale, useMessages } from '../../i18n/I18n.tsx';
import { CalendarEntry } from './CalendarEntry.tsx';
import styles from './Calendar.module.css';
import { toDayText } from './calendar-dates.ts';
import { layoutDay } from './calendar-layout.ts';
import { messages } from './messages.ts';
import { useToday } from './use-today.ts';

interface AgendaProps {
  days: readonly Date[];
  bookings: readonly Booking[];
  onOpen: (id: string) => void;
  onDay: (day: Date) => void;
}

/** Days one below the other, for screens on which they have no room side by side. */
export function Agenda({ days, bookings, onOpen, onDay }: AgendaProps) {
  const t = useMessages(messages);
  const { locale } = useLocale();
  const headOf = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'short' });
  const today = toDayText(useToday());
  return (
    <ol className={styles.agenda}>
      {days.map((day) => {
        const placed = layoutDay(bookings, day);
        return (
          <li key={day.getTime()}>
            <button
              type="button"
              className={styles['day-head']}
              aria-current={toDayText(day) === today ? 'date' : undefined}
              onClick={() => onDay(day)}
            >
              {headOf.format(day)}
            </button>
            {placed.length === 0 ? (
              <p className={styles.quiet}>{t('none')}</p>
            ) : (
              <ul className={styles.entries}>
                {placed.map(({ booking }) => (
                  <li key={booking.id}>
                    <CalendarEntry booking={booking} onOpen={onOpen} isTall />
                  </li>
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ol>
  );
}
