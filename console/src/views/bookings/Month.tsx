import type { Booking } from '../../bookings/booking.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useLocale, useMessages } from '../../i18n/I18n.tsx';
import { CalendarEntry } from './CalendarEntry.tsx';
import styles from './Calendar.module.css';
import { toDayText } from './calendar-dates.ts';
import { layoutDay } from './calendar-layout.ts';
import { messages } from './messages.ts';
import { useToday } from './use-today.ts';

/** So many have room in a day; the others are counted. */
const SHOWN = 3;

interface MonthProps {
  /** From 0 for January. */
  month: number;
  days: readonly Date[];
  bookings: readonly Booking[];
  onOpen: (id: string) => void;
  onDay: (day: Date) => void;
}

/** A month in whole weeks. On narrow screens a day says how many bookings it has. */
export function Month({ month, days, bookings, onOpen, onDay }: MonthProps) {
  const t = useMessages(messages);
  const format = useFormats();
  const { locale } = useLocale();
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
  const today = toDayText(useToday());
  return (
    <div className={styles.month}>
      <div className={styles.weekdays} aria-hidden>
        {days.slice(0, 7).map((day) => (
          <span key={day.getTime()}>{weekday.format(day)}</span>
        ))}
      </div>
      <ol className={styles.cells}>
        {days.map((day) => {
          const placed = layoutDay(bookings, day);
          return (
            <li key={day.getTime()} className={styles.cell} data-other={day.getMonth() !== month}>
              <button
                type="button"
                className={styles['cell-head']}
                aria-current={toDayText(day) === today ? 'date' : undefined}
                onClick={() => onDay(day)}
              >
                <span className="visually-hidden">
                  {format.date(day)}: {t('count', { count: placed.length })}
                </span>
                <span aria-hidden>{format.number(day.getDate())}</span>
                {placed.length > 0 && (
                  <span className={styles.number} aria-hidden>
                    {format.number(placed.length)}
                  </span>
                )}
              </button>
              <ul className={styles['cell-entries']}>
                {placed.slice(0, SHOWN).map(({ booking }) => (
                  <li key={booking.id}>
                    <CalendarEntry booking={booking} onOpen={onOpen} />
                  </li>
                ))}
                {placed.length > SHOWN && (
                  <li className={styles.quiet}>{t('moreOfDay', { count: placed.length - SHOWN })}</li>
                )}
              </ul>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
