import type { Locale } from '../../i18n/locales.ts';

/** Those that are offered; the API takes any other, too. */
export const LANGUAGES = [
  'pt-BR',
  'en',
  'es',
  'pt-PT',
  'fr',
  'de',
  'it',
  'nl',
  'pl',
  'ru',
  'uk',
  'tr',
  'ar',
  'he',
  'hi',
  'id',
  'ja',
  'ko',
  'zh',
];

/** @returns what a language is called in another one */
export function languageName(locale: Locale, language: string): string {
  return new Intl.DisplayNames(locale, { type: 'language' }).of(language) ?? language;
}
