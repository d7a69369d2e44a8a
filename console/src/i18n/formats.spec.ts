import { expect, it } from 'vitest';
import { formatsOf, readableNumber } from './formats.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');

it.each([
  ['en', 5, 'now'],
  ['en', 130, '2 minutes ago'],
  ['pt-BR', 7_300, 'há 2 horas'],
  ['es', 86_500, 'ayer'],
  ['en', 20 * 86_400, 'Nov 10, 2026'],
] as const)('says in %s what was %i seconds ago', (locale, seconds, expected) => {
  expect(formatsOf(locale).ago(new Date(NOW - seconds * 1000), NOW)).toBe(expected);
});

it.each([
  ['en', '2026-12-02T14:00', undefined, 'Wed, Dec 2, 2:00 PM'],
  ['en', '2026-12-02T14:00', '2026-12-02T15:00', 'Wed, Dec 2, 2:00 – 3:00 PM'],
  ['pt-BR', '2026-12-02T14:00', null, 'qua., 2 de dez., 14:00'],
  ['es', '2031-05-05T09:00', null, 'lun, 5 may 2031, 9:00'],
] as const)('says in %s when people meet: %s to %s', (locale, from, to, expected) => {
  const said = formatsOf(locale).meeting(from, to, new Date(NOW));
  expect(said.replaceAll(/\s/gu, ' ')).toBe(expected);
});

it.each([
  ['5511999887766', '+55 11 99988-7766'],
  ['551139887766', '+55 11 3988-7766'],
  ['34612345678', '+34612345678'],
])('writes %s as %s', (digits, expected) => {
  expect(readableNumber(digits)).toBe(expected);
});
