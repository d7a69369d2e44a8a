import { useMemo } from 'react';
import { useLocale } from './I18n.tsx';
import type { Locale } from './locales.ts';

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const DAYS_TOLD = 6;
const MEETING: Intl.DateTimeFormatOptions = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
};

/** Dates, times and numbers as the language writes them, in the time of the person's device. */
export interface Formats {
  number: (value: number) => string;
  date: (value: Date | string) => string;
  time: (value: Date | string) => string;
  dateTime: (value: Date | string) => string;
  /** When people meet: `Wed, Dec 2, 2:00 – 3:00 PM`, with the year where it is another one. */
  meeting: (from: Date | string, to?: Date | string | null, now?: Date) => string;
  /** `3 minutes ago`; a date where it is longer ago than a few days. */
  ago: (value: Date | string, now?: number) => string;
}

export function formatsOf(locale: Locale): Formats {
  const number = new Intl.NumberFormat(locale);
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const meeting = new Intl.DateTimeFormat(locale, MEETING);
  const meetingOfOtherYear = new Intl.DateTimeFormat(locale, { ...MEETING, year: 'numeric' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return {
    number: (value) => number.format(value),
    date: (value) => date.format(new Date(value)),
    time: (value) => time.format(new Date(value)),
    dateTime: (value) => dateTime.format(new Date(value)),
    meeting(from, to, now = new Date()) {
      const [start, end] = [new Date(from), new Date(to ?? from)];
      const isOfThisYear = [start, end].every((day) => day.getFullYear() === now.getFullYear());
      const text = (isOfThisYear ? meeting : meetingOfOtherYear).formatRange(start, end);
      // Lines end after a comma only.
      return text.replaceAll(/(?<!,)\s/gu, '\u00a0');
    },
    ago(value, now = Date.now()) {
      const seconds = Math.round((new Date(value).getTime() - now) / 1000);
      const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
      if (unit === 'day' && Math.abs(seconds) > DAYS_TOLD * 86_400) {
        return date.format(new Date(value));
      }
      return unit === 'second'
        ? relative.format(0, 'second')
        : relative.format(Math.trunc(seconds / size), unit);
    },
  };
}

export function useFormats(): Formats {
  const { locale } = useLocale();
  return useMemo(() => formatsOf(locale), [locale]);
}

/** @returns digits of a phone number as people read them: with a plus and in groups; only the grouping is a guess */
export function readableNumber(digits: string): string {
  const brazil = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits);
  if (brazil !== null) {
    return `+55 ${brazil[1]} ${brazil[2]}-${brazil[3]}`;
  }
  return `+${digits}`;
}
