import { expect, it } from 'vitest';
import { isDecodable } from './is-decodable.js';

it.each([
  ['', true],
  ['/api/notes', true],
  ['p%40ss%C3%A3o', true],
  ['100%', false],
  ['%E0%A4%A', false],
  ['%ff', false],
])('%s can be read: %s', (text, expected) => {
  expect(isDecodable(text)).toBe(expected);
});
