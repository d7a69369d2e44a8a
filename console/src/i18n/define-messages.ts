import type { Locale } from './locales.ts';

/** Texts in all languages, in ICU's message format: `{count, plural, one {# number} other {# numbers}}`. */
export type Messages<Key extends string = string> = Readonly<Record<Locale, Readonly<Record<Key, string>>>>;

type SameKeys<English> = { readonly [Key in keyof English]: string };

/**
 * The texts of a view. A key that English has and another language lacks, or the other way round, is an error of the type check;
 * that all of them take the same values is looked at by `messages.spec.ts`.
 */
export function defineMessages<English extends Record<string, string>>(
  messages: { en: English } & Record<Exclude<Locale, 'en'>, NoInfer<SameKeys<English>>>,
): Messages<keyof English & string> {
  return messages;
}
