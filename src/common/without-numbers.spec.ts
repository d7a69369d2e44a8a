import { expect, it } from 'vitest';
import { withoutNumbers } from './without-numbers.js';

it.each<[string, string, number | undefined, string]>([
  ['nothing', 'stream errored out', undefined, 'stream errored out'],
  ['a short number', 'code 51500', undefined, 'code 51500'],
  ['every long number', 'from 5511999887766 to 551188:3@lid', undefined, 'from [number] to [number]:3@lid'],
  ['what is beyond the length', 'at 5511999887766: no', 11, 'at [number]'],
  ['what is beyond the usual length', 'x'.repeat(400), undefined, 'x'.repeat(300)],
])('hides %s', (_name, text, maxLength, expected) => {
  expect(maxLength === undefined ? withoutNumbers(text) : withoutNumbers(text, maxLength)).toBe(expected);
});
