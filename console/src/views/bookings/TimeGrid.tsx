import { type DragEvent, useEffect, useRef, useState } from 'react';
import type { Booking } from '../../bookings/booking.ts';
import type { BookingDraft } from '../../bookings/booking-draft.ts';
import { useBookingErrorText } from '../../bookings/booking-error.ts';
import { useMoveBooking } from '../../bookings/change-booking.ts';
import { toLocalInput } from '../../bookings/local-time.ts';
import { messages as bookingMessages } from '../../bookings/messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useLocale, useMessages } from '../../i18n/I18n.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { CalendarEntry } from './CalendarEntry.tsx';
import styles from './Calendar.module.css';
import { startOfDay, toDayText } from './calendar-dates.ts';
import { layoutDay } from './calendar-layout.ts';
import { useToday } from './use-today.ts';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const MINUTES = 24 * 60;
/** What is seen first of a day on which nothing is earlier. */
const USUAL_START = 8;

interface TimeGridProps {
  days: readonly Date[];
  bookings: readonly Booking[];
  onOpen: (id: string) => void;
  /** Absent for who may make none. */
  onMake: ((draft: Partial<BookingDraft>) => void) | undefined;
  onDay: (day: Date) => void;
}

/** Days side by side, from midnight to midnight. A click makes a booking there, and what is dragged is moved. */
export function TimeGrid({ days, bookings, onOpen, onMake, onDay }: TimeGridProps) {
  const bookingTexts = useMessages(bookingMessages);
  const textOf = useBookingErrorText();
  const { locale } = useLocale();
  const format = useFormats();
  const move = useMoveBooking();
  const scroller = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<Booking>();
  const placed = days.map((day) => layoutDay(bookings, day));
  const earliest = Math.min(USUAL_START * 60, ...placed.flat().map(({ from }) => from));
  useEffect(() => {
    const { current } = scroller;
    if (current !== null) {
      current.scrollTop = (current.scrollHeight * earliest) / MINUTES;
    }
    // Only once: who scrolled is left where they are.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);

  const drop = (start: Date) => {
    setDragged(undefined);
    if (dragged === undefined || dragged.starts_at === null) {
      return;
    }
    const by = start.getTime() - new Date(dragged.starts_at).getTime();
    const ends_at = dragged.ends_at && new Date(new Date(dragged.ends_at).getTime() + by).toISOString();
    const change = { starts_at: start.toISOString(), ends_at };
    void move.mutateAsync({ booking: dragged, change }).then(
      () => toast(bookingTexts('saved')),
      (error: unknown) => toast(textOf(error), 'bad'),
    );
  };
  const headOf = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric' });
  const today = toDayText(useToday());
  return (
    <div className={styles.frame} data-days={days.length}>
      {days.length > 1 && (
        <div className={styles.heads}>
          {days.map((day) => (
            <button
              key={day.getTime()}
              type="button"
              className={styles['day-head']}
              aria-current={toDayText(day) === today ? 'date' : undefined}
              onClick={() => onDay(day)}
            >
              {headOf.format(day)}
            </button>
          ))}
        </div>
      )}
      <div ref={scroller} className={styles.scroller}>
        <div className={styles.grid} data-dragging={dragged !== undefined}>
          <div className={styles.hours} aria-hidden>
            {HOURS.map((hour) => (
              <span key={hour}>{hour === 0 ? '' : format.time(new Date(2026, 0, 1, hour))}</span>
            ))}
          </div>
          {days.map((day, place) => (
            <section key={day.getTime()} className={styles.day} aria-label={format.date(day)}>
              <Slots
                day={day}
                onMake={onMake && ((start) => onMake({ startsAt: toLocalInput(start.toISOString()) }))}
                onDrop={drop}
              />
              <ul>
                {placed[place]!.map(({ booking, from, to, lane, lanes }) => (
                  <li
                    key={booking.id}
                    className={styles.placed}
                    style={{
                      top: `${(from / MINUTES) * 100}%`,
                      height: `${((to - from) / MINUTES) * 100}%`,
                      left: `${(lane / lanes) * 100}%`,
                      width: `${100 / lanes}%`,
                    }}
                  >
                    <CalendarEntry
                      booking={booking}
                      onOpen={onOpen}
                      isTall={to - from > 45}
                      onDrag={
                        onMake && startOfDay(new Date(booking.starts_at!)) >= day ? setDragged : undefined
                      }
                    />
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </div>
    </div>
  );
}

interface SlotsProps {
  day: Date;
  onMake: ((start: Date) => void) | undefined;
  onDrop: (start: Date) => void;
}

/** The hours of a day, for the mouse: by keyboard there is the button for a new booking, and the form for another time. */
function Slots({ day, onMake, onDrop }: SlotsProps) {
  const format = useFormats();
  const startIn = (hour: number, { offsetY }: { offsetY: number }, height: number) =>
    new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, offsetY < height / 2 ? 0 : 30);
  return (
    <div aria-hidden>
      {HOURS.map((hour) => (
        <button
          key={hour}
          type="button"
          tabIndex={-1}
          aria-label={format.time(new Date(2026, 0, 1, hour))}
          className={styles.slot}
          disabled={onMake === undefined}
          onClick={(event) => onMake?.(startIn(hour, event.nativeEvent, event.currentTarget.clientHeight))}
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event: DragEvent<HTMLButtonElement>) => {
            event.preventDefault();
            onDrop(startIn(hour, event.nativeEvent, event.currentTarget.clientHeight));
          }}
        />
      ))}
    </div>
  );
}
