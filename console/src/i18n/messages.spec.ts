import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import { expect, it } from 'vitest';
import type { Messages } from './define-messages.ts';
import { formatMessage } from './format-message.ts';
import { LOCALES, type Locale } from './locales.ts';

const MODULES = import.meta.glob<{ messages: Messages }>('../**/messages.ts', { eager: true });
const ALL = Object.entries(MODULES).flatMap(([file, { messages }]) =>
  Object.keys(messages.en).map((key) => ({ file, key, messages })),
);
const locales = Object.keys(LOCALES) as Locale[];

/** The values that a text takes, and of choices their options. */
function valuesOf(elements: readonly MessageFormatElement[]): string[] {
  return elements.flatMap((element) => {
    switch (element.type) {
      case TYPE.argument:
      case TYPE.number:
      case TYPE.date:
      case TYPE.time:
        return [element.value];
      case TYPE.plural:
        return [element.value, ...Object.values(element.options).flatMap(({ value }) => valuesOf(value))];
      case TYPE.select:
        return [
          `${element.value}: ${Object.keys(element.options).toSorted().join()}`,
          ...Object.values(element.options).flatMap(({ value }) => valuesOf(value)),
        ];
      default:
        return [];
    }
  });
}

it('finds the texts of the page', () => {
  expect(Object.keys(MODULES).length).toBeGreaterThan(4);
  expect(ALL.length).toBeGreaterThan(100);
});

it.each(ALL)('$file says $key in all languages, with the same values', ({ key, messages }) => {
  const english = new Set(valuesOf(parse(messages.en[key]!)));
  for (const locale of locales) {
    const text = messages[locale][key];
    expect(text?.trim(), locale).not.toBe('');
    expect(new Set(valuesOf(parse(text!))), locale).toEqual(english);
    expect(Object.keys(messages[locale]).toSorted()).toEqual(Object.keys(messages.en).toSorted());
  }
});

it.each([
  ['en', 1, '1 second'],
  ['en', 2, '2 seconds'],
  ['pt-BR', 1, '1 segundo'],
  ['es', 1200, '1200 segundos'],
] as const)('counts in %s as the language does', (locale, seconds, expected) => {
  const text = {
    en: '{seconds, plural, one {# second} other {# seconds}}',
    'pt-BR': '{seconds, plural, one {# segundo} other {# segundos}}',
    es: '{seconds, plural, one {# segundo} other {# segundos}}',
  }[locale];
  expect(formatMessage(locale, text, { seconds })).toBe(expected);
});
