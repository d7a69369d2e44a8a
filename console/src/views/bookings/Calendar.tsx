import { useQuery } from '@tanstack/react-query';
import { CalendarPlus, ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { BookingDraft } from '../../bookings/booking-draft.ts';
import { bookingsBetweenQuery } from '../../bookings/booking-list.ts';
import { useLocale, useMessages } from '../../i18n/I18n.tsx';
import { useCaller, useOrganizationId } from '../../session/caller.ts';
import { Button, ButtonLink, IconButton } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Failed, Loading } from '../../ui/States.tsx';
import { useMedia } from '../../ui/use-media.ts';
import { Agenda } from './Agenda.tsx';
import styles from './Calendar.module.css';
import {
  addDays,
  daysOf,
  firstWeekday,
  fromDayText,
  type Span,
  SPANS,
  step,
  toDayText,
} from './calendar-dates.ts';
import { CalendarZone } from './CalendarZone.tsx';
import { messages } from './messages.ts';
import { Month } from './Month.tsx';
import { TimeGrid } from './TimeGrid.tsx';
import { useToday } from './use-today.ts';

interface CalendarProps {
  onOpen: (id: string) => void;
  onMake: (draft: Partial<BookingDraft>) => void;
}

/** Bookings by time: of a day, a week or a month. Which one stands in the address. */
export function Calendar({ onOpen, onMake }: CalendarProps) {
  const t = useMessages(messages);
  const { locale } = useLocale();
  const { may } = useCaller();
  const organizationId = useOrganizationId();
  const isWide = useMedia('(min-width: 48rem)');
  const [search, setSearch] = useSearchParams();
  const [isWithCancelled, setWithCancelled] = useState(false);
  const span = SPANS.find((each) => each === search.get('show')) ?? 'week';
  const today = useToday();
  const day = fromDayText(search.get('day')) ?? today;
  const days = daysOf(span, day, firstWeekday(locale));
  const show = (next: { span?: Span; day?: Date }) =>
    setSearch((before) => {
      const after = new URLSearchParams(before);
      after.set('show', next.span ?? span);
      after.set('day', toDayText(next.day ?? day));
      return after;
    });
  // A day earlier, for what began before midnight.
  const found = useQuery(
    bookingsBetweenQuery(
      organizationId,
      addDays(days[0]!, -1).toISOString(),
      addDays(days.at(-1)!, 1).toISOString(),
    ),
  );
  const bookings = (found.data ?? []).filter(({ status }) => isWithCancelled || status !== 'cancelled');
  const openDay = (chosen: Date) => show({ span: 'day', day: chosen });
  return (
    <>
      <div className={styles.bar}>
        <div className={styles.steps}>
          <IconButton label={t('before')} onClick={() => show({ day: step(span, day, -1) })}>
            <ChevronLeft size={22} aria-hidden />
          </IconButton>
          <Button onClick={() => show({ day: today })}>{t('today')}</Button>
          <IconButton label={t('after')} onClick={() => show({ day: step(span, day, 1) })}>
            <ChevronRight size={22} aria-hidden />
          </IconButton>
        </div>
        <h2 className={styles.title} aria-live="polite">
          {titleOf(locale, span, day, days)}
        </h2>
        <Choice
          label={t('span')}
          value={span}
          options={SPANS.map((each) => [each, t(each)] as const)}
          onChange={(next) => show({ span: next })}
        />
      </div>
      {found.isError && found.data === undefined ? (
        <div className={styles.state}>
          <Failed error={found.error} onRetry={() => void found.refetch()} />
        </div>
      ) : found.data === undefined ? (
        <div className={styles.state}>
          <Loading />
        </div>
      ) : span === 'month' ? (
        <Month month={day.getMonth()} days={days} bookings={bookings} onOpen={onOpen} onDay={openDay} />
      ) : span === 'week' && !isWide ? (
        <Agenda days={days} bookings={bookings} onOpen={onOpen} onDay={openDay} />
      ) : (
        <TimeGrid
          key={span}
          days={days}
          bookings={bookings}
          onOpen={onOpen}
          onMake={may('send') ? onMake : undefined}
          onDay={openDay}
        />
      )}
      <div className={styles.foot}>
        <Checkbox isChecked={isWithCancelled} onChange={setWithCancelled}>
          {t('withCancelled')}
        </Checkbox>
        <CalendarZone />
        {may('manage') && isWide && (
          <ButtonLink to="/settings/calendars" look="quiet" icon={<CalendarPlus size={20} aria-hidden />}>
            {t('subscribe')}
          </ButtonLink>
        )}
      </div>
    </>
  );
}

function titleOf(locale: string, span: Span, day: Date, days: readonly Date[]): string {
  if (span === 'month') {
    return new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' }).format(day);
  }
  const format = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    ...(span === 'day' && { weekday: 'long' }),
  });
  return span === 'day' ? format.format(day) : format.formatRange(days[0]!, days.at(-1)!);
}
