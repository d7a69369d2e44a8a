import { IntlMessageFormat } from 'intl-messageformat';
import type { Locale } from './locales.ts';

/** What a text is filled with. */
export type Values = Record<string, string | number | Date>;

const parsed = new Map<string, IntlMessageFormat>();

/**
 * @param text in ICU's message format
 * @returns it with its values, plurals and dates as the language has them
 */
export function formatMessage(locale: Locale, text: string, values?: Values): string {
  if (!/[{}<']/.test(text)) {
    return text;
  }
  const key = `${locale} ${text}`;
  const format = parsed.get(key) ?? new IntlMessageFormat(text, locale, undefined, { ignoreTag: true });
  parsed.set(key, format);
  return format.format(values) as string;
}
