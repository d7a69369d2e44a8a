import { expect, it } from 'vitest';
import { bestLocale } from './locales.ts';

it.each([
  [['pt-PT', 'en'], 'pt-BR'],
  [['es-419'], 'es'],
  [['de', 'es'], 'es'],
  [['de'], 'en'],
  [[], 'en'],
])('speaks to somebody who reads %j in %s', (wanted, locale) => {
  expect(bestLocale(wanted)).toBe(locale);
});
