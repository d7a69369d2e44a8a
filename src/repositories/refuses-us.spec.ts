import { expect, it } from 'vitest';
import { DatabaseRejectedError } from './database-rejected-error.js';
import { DatabaseUnavailableError } from './database-unavailable-error.js';
import { refusesUs } from './refuses-us.js';

it.each<[string, unknown, boolean]>([
  ['a refusal of the database', new DatabaseRejectedError('42501', ''), true],
  ['a key that is not valid', new DatabaseUnavailableError({ httpStatus: 401, answerCode: '' }), true],
  ['a paused project', new DatabaseUnavailableError({ httpStatus: 540, answerCode: '' }), true],
  ['no answer', new DatabaseUnavailableError({ httpStatus: 0, answerCode: '' }), false],
  ['too many calls', new DatabaseUnavailableError({ httpStatus: 429, answerCode: '' }), false],
  ['something else', new Error('gone'), false],
])('%s', (_name, error, expected) => {
  expect(refusesUs(error)).toBe(expected);
});
