/** The days of a week, as `office_hours` names them. */
export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

export interface Interval {
  /** `HH:MM`, local time. */
  opens: string;
  /** `HH:MM` of the same day; `24:00` is its end. */
  closes: string;
}

/** When an organization is open, in its time zone. */
export interface OfficeHours {
  weekly: (Interval & { day: (typeof WEEKDAYS)[number] })[];
  /** What holds on a date instead of the week; no intervals: closed. */
  exceptions: { date: string; intervals: Interval[] }[];
}

const MAX_WEEKLY = 50;
const MAX_EXCEPTIONS = 200;
const MAX_INTERVALS = 10;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

type Fault = string | undefined;

/** @returns what is wrong with office hours, and where; undefined where nothing is */
export function officeHoursFault(value: unknown): Fault {
  const fault = objectFault(value, ['weekly', 'exceptions']);
  if (fault !== undefined) {
    return fault;
  }
  const { weekly = [], exceptions = [] } = value as { weekly?: unknown; exceptions?: unknown };
  return (
    listFault('weekly', weekly, MAX_WEEKLY, weeklyFault) ??
    overlapOf('weekly', weekly as OfficeHours['weekly'], ({ day }) => day) ??
    listFault('exceptions', exceptions, MAX_EXCEPTIONS, exceptionFault) ??
    repeatedDate(exceptions as OfficeHours['exceptions'])
  );
}

function weeklyFault(value: unknown): Fault {
  const fault = objectFault(value, ['day', 'opens', 'closes']);
  const { day } = (value ?? {}) as { day?: unknown };
  if (fault === undefined && !(WEEKDAYS as readonly unknown[]).includes(day)) {
    return `day must be one of ${WEEKDAYS.join(', ')}`;
  }
  return fault ?? intervalFault(value as Interval);
}

function exceptionFault(value: unknown): Fault {
  const fault = objectFault(value, ['date', 'intervals']);
  if (fault !== undefined) {
    return fault;
  }
  const { date, intervals } = value as { date?: unknown; intervals?: unknown };
  if (typeof date !== 'string' || !isDate(date)) {
    return 'date must be a day that there is, as 2026-12-25';
  }
  const inner = (one: unknown) => objectFault(one, ['opens', 'closes']) ?? intervalFault(one as Interval);
  return (
    listFault('intervals', intervals, MAX_INTERVALS, inner) ??
    overlapOf('intervals', intervals as Interval[], () => '')
  );
}

function intervalFault({ opens, closes }: Partial<Record<keyof Interval, unknown>>): Fault {
  if (typeof opens !== 'string' || !TIME.test(opens)) {
    return 'opens must be a time as 09:00';
  }
  if (typeof closes !== 'string' || !(TIME.test(closes) || closes === '24:00')) {
    return 'closes must be a time as 18:00, 24:00 at the latest';
  }
  return opens < closes
    ? undefined
    : 'closes must be later than opens; hours over midnight are two intervals, up to 24:00 and from 00:00';
}

function overlapOf<One extends Interval>(name: string, intervals: One[], dayOf: (one: One) => string): Fault {
  const sorted = intervals.toSorted((a, b) => (`${dayOf(a)} ${a.opens}` < `${dayOf(b)} ${b.opens}` ? -1 : 1));
  const overlap = sorted.find((one, place) => {
    const before = sorted[place - 1];
    return before !== undefined && dayOf(before) === dayOf(one) && one.opens < before.closes;
  });
  return overlap && `${name} has intervals that overlap at ${`${dayOf(overlap)} ${overlap.opens}`.trim()}`;
}

function repeatedDate(exceptions: OfficeHours['exceptions']): Fault {
  const dates = exceptions.map(({ date }) => date);
  const repeated = dates.find((date, place) => dates.indexOf(date) !== place);
  return repeated && `exceptions names ${repeated} twice`;
}

function isDate(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    new Date(text).toISOString().startsWith(text)
  );
}

/** @returns what is wrong with a list of at most so many, and where */
export function listFault(
  name: string,
  value: unknown,
  max: number,
  faultOfOne: (one: unknown) => Fault,
): Fault {
  const at = (place: string) => (name === '' ? place : `${name}${place}`);
  if (!Array.isArray(value) || value.length > max) {
    return `${at('')} must be a list of at most ${max}`.trim();
  }
  for (const [place, one] of value.entries()) {
    const fault = faultOfOne(one);
    if (fault !== undefined) {
      return `${at(`[${place}]`)}: ${fault}`;
    }
  }
  return undefined;
}

/** @returns what is wrong with an object that has no other fields */
export function objectFault(value: unknown, fields: readonly string[]): Fault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `must be an object with ${fields.join(', ')}`;
  }
  const unknown = Object.keys(value).find((field) => !fields.includes(field));
  return unknown === undefined
    ? undefined
    : `has the unknown field ${unknown.slice(0, 40)}; there are ${fields.join(', ')}`;
}
