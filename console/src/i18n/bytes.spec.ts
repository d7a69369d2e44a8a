import { expect, it } from 'vitest';
import { bytesText } from './bytes.ts';

it.each([
  ['en', 0, '0 bytes'],
  ['en', 1, '1 byte'],
  ['pt-BR', 999, '999 bytes'],
  ['en', 1_500, '2 kB'],
  ['pt-BR', 1_234_567, '1,2 MB'],
  ['es', 5_000_000_000, '5 GB'],
] as const)('in %s, %d', (locale, bytes, text) => {
  expect(bytesText(locale, bytes).replaceAll(' ', ' ')).toBe(text);
});
