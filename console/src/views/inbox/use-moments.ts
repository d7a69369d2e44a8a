import { useMemo } from 'react';
import { useLocale } from '../../i18n/I18n.tsx';

/** Moments as conversations have them: the time of today, the day of this week, the date of what is longer ago. */
export interface Moments {
  short: (iso: string) => string;
  time: (iso: string) => string;
  day: (iso: string) => string;
}

export function useMoments(): Moments {
  const { locale } = useLocale();
  return useMemo(() => {
    const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
    const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
    const date = new Intl.DateTimeFormat(locale, { dateStyle: 'short' });
    const day = new Intl.DateTimeFormat(locale, { dateStyle: 'full' });
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
    return {
      time: (iso) => time.format(new Date(iso)),
      short(iso) {
        const days = daysAgo(iso);
        return days === 0
          ? time.format(new Date(iso))
          : days > 0 && days < 7
            ? weekday.format(new Date(iso))
            : date.format(new Date(iso));
      },
      day(iso) {
        const days = daysAgo(iso);
        return days === 0 || days === 1 ? relative.format(-days, 'day') : day.format(new Date(iso));
      },
    };
  }, [locale]);
}

/** @returns of the person's own days how many ago it was */
export function daysAgo(iso: string, now = new Date()): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(new Date(iso))) / 86_400_000);
}
