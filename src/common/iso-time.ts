const FORM = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-](\d\d):\d\d))?$/;

/** Beyond these the database, JavaScript and what stands between them write times each in its own way. */
const OLDEST = Date.UTC(1000, 0, 1);
const NEWEST = Date.UTC(9999, 11, 31);
/** What Postgres takes as an offset. */
const MAX_OFFSET_HOURS = 15;

/**
 * @param text anything
 * @returns whether it is a moment in ISO 8601, of a day that there was or will be from the year 1000 to 9999; a date is its midnight
 *   in UTC. What passes is understood alike by JavaScript and Postgres, with a day or two to spare on both sides
 */
export function isIsoTime(text: string): boolean {
  const [, year, month, day, offset = '0'] = FORM.exec(text) ?? [];
  if (year === undefined || Number(offset) > MAX_OFFSET_HOURS) {
    return false;
  }
  const at = Date.parse(text);
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // A day that a month does not have becomes one of the next month.
  const isDay =
    new Date(midnight).getUTCDate() === Number(day) && new Date(midnight).getUTCMonth() === Number(month) - 1;
  return isDay && at >= OLDEST && at < NEWEST;
}
