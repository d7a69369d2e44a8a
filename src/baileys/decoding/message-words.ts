import { toNumber } from '@whiskeysockets/baileys';

/** A 64-bit number as it is decoded. */
export type WireNumber = Parameters<typeof toNumber>[0] | null;

/** Milliseconds that a `Date` takes, and an ISO text of four digits for the year. */
const MAX_TIME_MS = Date.UTC(9999, 11, 31);

/**
 * @param label what it is
 * @param parts what is known about it; empty ones are left out
 * @returns `[label] part, part`
 */
export function summary(label: string, ...parts: (string | null | undefined)[]): string {
  return [`[${label}]`, parts.filter(Boolean).join(', ')].filter(Boolean).join(' ');
}

/** @returns the parts that are not empty, one below the other */
export function lines(...parts: (string | null | undefined)[]): string {
  return parts.filter(Boolean).join('\n');
}

/**
 * @param many how many, where that is known
 * @param noun of one
 * @returns e.g. `1 item`, `3 items`; nothing for none
 */
export function count(many: number | null | undefined, noun: string): string | undefined {
  return many ? `${many} ${noun}${many === 1 ? '' : 's'}` : undefined;
}

/** @returns `m:ss` */
export function minutes(seconds: number | null | undefined): string {
  const total = seconds ?? 0;
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, '0')}`;
}

/** @returns a number that JSON can hold; undefined for none, and for what is no whole number of at least 0 */
export function wholeNumber(value: WireNumber): number | undefined {
  const number = value === null || value === undefined ? undefined : toNumber(value);
  return Number.isSafeInteger(number) && number! >= 0 ? number : undefined;
}

/** @returns an amount of money in units; undefined where there is none */
export function amount(thousandths: WireNumber): number | undefined {
  const number = thousandths === null || thousandths === undefined ? 0 : toNumber(thousandths);
  return Number.isFinite(number) && number !== 0 ? number / 1000 : undefined;
}

/** @returns e.g. `BRL 12.50` */
export function money(thousandths: WireNumber, currency: string | null | undefined): string | undefined {
  const value = amount(thousandths);
  return currency && value !== undefined ? `${currency} ${value.toFixed(2)}` : undefined;
}

/**
 * @param value seconds, or milliseconds, since 1970
 * @returns the time in ISO 8601; undefined where it is none that a calendar has
 */
export function isoTime(value: WireNumber, unit: 'seconds' | 'milliseconds'): string | undefined {
  const time = (wholeNumber(value) ?? 0) * (unit === 'seconds' ? 1000 : 1);
  return time > 0 && time <= MAX_TIME_MS ? new Date(time).toISOString() : undefined;
}
