import { expect, it } from 'vitest';
import { messageOf } from './error-message.js';

it.each<[string, unknown, string]>([
  ['an error', new Error('gone'), 'gone'],
  ['an error of another kind', new TypeError('no function'), 'no function'],
  ['a text', 'gone', 'gone'],
  ['nothing', undefined, 'undefined'],
])('says what %s says', (_name, error, expected) => {
  expect(messageOf(error)).toBe(expected);
});
