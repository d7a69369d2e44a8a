import { UsageError } from './admin-command.js';

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 };
const HOUR_MS = 3_600_000;
const MAX_HOURS = 24 * 3_650;

/**
 * @param text e.g. `12h`, `90d`, `52w`
 * @param now when it begins
 * @returns when it ends, ISO 8601
 * @throws UsageError for anything else, or more than ten years
 */
export function endOf(text: string, now: Date): string {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  const hours = Number(count) * (HOURS[unit ?? ''] ?? NaN);
  if (!(hours > 0 && hours <= MAX_HOURS)) {
    throw new UsageError('--expires takes hours, days or weeks, at most ten years: 12h, 90d or 52w');
  }
  return new Date(now.getTime() + hours * HOUR_MS).toISOString();
}
