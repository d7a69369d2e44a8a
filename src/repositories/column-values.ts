import type { Json } from '../supabase/database.types.js';

/** As JSON of the database has a time, whose time zone is UTC. */
const IN_UTC = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00:00$/;

/**
 * @param time a time as the database prints it
 * @returns ISO 8601 in UTC, milliseconds
 */
export function isoTime(time: string): string {
  const [, seconds, fraction] = IN_UTC.exec(time) ?? [];
  // Lists have hundreds of them; to read and print a date takes ten times as long.
  return seconds === undefined
    ? new Date(time).toISOString()
    : `${seconds}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}Z`;
}

/** As `isoTime`, null staying null. */
export function isoTimeOrNull(time: string | null): string | null {
  return time === null ? null : isoTime(time);
}

/**
 * Strangers choose these texts: Postgres stores neither NUL nor half a surrogate pair, and one such character must not
 * hold up a whole batch.
 *
 * @param text any text
 * @returns the text with what can't be stored replaced by U+FFFD
 */
export function storableText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD').toWellFormed() : text.toWellFormed();
}

/** @returns the value with every text in it, keys too, as `storableText` gives it */
export function storableJson(value: unknown): Json {
  if (typeof value === 'string') {
    return storableText(value);
  }
  if (Array.isArray(value)) {
    return value.map(storableJson);
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [storableText(key), storableJson(one)]),
    );
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** @returns base64 of the bytes, null staying null */
export function base64OrNull(bytes: Uint8Array | null | undefined): string | null {
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') : null;
}

/** @returns the bytes of base64 text, null staying null */
export function bytesOrNull(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64');
}

const OLDEST = Date.UTC(1970, 0, 1);
const NEWEST = Date.UTC(9999, 0, 1);

/**
 * @param time a time that a stranger may have chosen
 * @returns it in ISO 8601, or null when it is no sensible time
 */
export function storableTime(time: Date): string | null {
  const value = time.getTime();
  return value >= OLDEST && value < NEWEST ? time.toISOString() : null;
}
