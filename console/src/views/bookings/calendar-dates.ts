/** How much a calendar shows at once. */
export const SPANS = ['day', 'week', 'month'] as const;
export type Span = (typeof SPANS)[number];

export const startOfDay = (date: Date): Date => new Date(date.getFullYear(), date.getMonth(), date.getDate());

/** @returns the same time so many days later; days of 23 and 25 hours count as days */
export const addDays = (date: Date, days: number): Date =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, date.getHours(), date.getMinutes());

/** @returns a day as `2026-12-01` */
export const toDayText = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');

/** @returns the day that a text names; undefined where it names none */
export function fromDayText(text: string | null): Date | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? '') ?? [];
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  return Number.isNaN(date.getTime()) || toDayText(date) !== text ? undefined : date;
}

/** @returns the day with which weeks begin in a language, 0 for Sunday */
export function firstWeekday(locale: string): number {
  return locale === 'es' ? 1 : 0;
}

/** @returns the days that are shown around a day */
export function daysOf(span: Span, day: Date, weekBegins: number): Date[] {
  const start = startOfDay(day);
  if (span === 'day') {
    return [start];
  }
  const first = span === 'week' ? start : new Date(start.getFullYear(), start.getMonth(), 1);
  const before = (first.getDay() - weekBegins + 7) % 7;
  const daysOfMonth = new Date(start.getFullYear(), start.getMonth() + 1, 0).getDate();
  const weeks = span === 'week' ? 1 : Math.ceil((before + daysOfMonth) / 7);
  return Array.from({ length: 7 * weeks }, (_, place) => addDays(first, place - before));
}

/** @returns the day that is shown after going on, or back with -1 */
export function step(span: Span, day: Date, by: 1 | -1): Date {
  if (span !== 'month') {
    return addDays(day, by * (span === 'day' ? 1 : 7));
  }
  const last = new Date(day.getFullYear(), day.getMonth() + by + 1, 0).getDate();
  return new Date(day.getFullYear(), day.getMonth() + by, Math.min(day.getDate(), last));
}
