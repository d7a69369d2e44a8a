import type { Settings } from '../../organization/settings.ts';

export type OfficeHours = NonNullable<Settings['office_hours']>;
export type Interval = OfficeHours['exceptions'][number]['intervals'][number];
export type Weekday = OfficeHours['weekly'][number]['day'];

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const satisfies readonly Weekday[];

/** What somebody begins with who has no hours yet. */
export const USUAL_HOURS: OfficeHours = {
  weekly: WEEKDAYS.slice(0, 5).map((day) => ({ day, opens: '09:00', closes: '18:00' })),
  exceptions: [],
};

/**
 * An end of the day is `24:00`, which `<input type="time">` does not know: there it is midnight.
 * @returns a closing time as the field has it
 */
export const toField = (closes: string): string => (closes === '24:00' ? '00:00' : closes);
/** @returns the other way round */
export const fromField = (closes: string): string => (closes === '00:00' ? '24:00' : closes);

/** @returns what is wrong with the hours of a day */
export function intervalsFault(intervals: readonly Interval[]): 'hoursWrong' | 'hoursOverlap' | undefined {
  if (intervals.some(({ opens, closes }) => opens === '' || closes === '' || opens >= closes)) {
    return 'hoursWrong';
  }
  const sorted = intervals.toSorted((a, b) => (a.opens < b.opens ? -1 : 1));
  return sorted.some(({ opens }, place) => place > 0 && opens < sorted[place - 1]!.closes)
    ? 'hoursOverlap'
    : undefined;
}

/** @returns what is wrong with hours, of whichever day */
export function hoursFault({
  weekly,
  exceptions,
}: OfficeHours): 'hoursWrong' | 'hoursOverlap' | 'dateWrong' | undefined {
  const days = WEEKDAYS.map((day) => weekly.filter((interval) => interval.day === day));
  const dates = exceptions.map(({ date }) => date);
  if (dates.includes('') || new Set(dates).size < dates.length) {
    return 'dateWrong';
  }
  return [...days, ...exceptions.map(({ intervals }) => intervals)]
    .map(intervalsFault)
    .find((fault) => fault !== undefined);
}

/** @returns the hour after the last one of a day, for another interval */
export function nextInterval(intervals: readonly Interval[]): Interval {
  const last = intervals
    .map(({ closes }) => closes)
    .toSorted()
    .at(-1);
  return last === undefined || last >= '22:00'
    ? { opens: '09:00', closes: '18:00' }
    : { opens: laterBy(last, 1), closes: laterBy(last, 2) };
}

function laterBy(time: string, hours: number): string {
  return `${String(Number(time.slice(0, 2)) + hours).padStart(2, '0')}${time.slice(2)}`;
}
