import { expect, it } from 'vitest';
import { AppError } from './app-error.js';
import { faultOf } from './fault-of.js';

it.each<[string, () => unknown, string | undefined]>([
  ['nothing is wrong', () => 'parsed', undefined],
  [
    'something is wrong',
    () => {
      throw new AppError('validation_failed', { message: 'must be digits' });
    },
    'must be digits',
  ],
])('says what is wrong: %s', (_name, check, expected) => {
  expect(faultOf(check)).toBe(expected);
});

it('takes no other failure for a fault of the input', () => {
  const broken = () => faultOf(() => JSON.parse('{'));

  expect(broken).toThrow(SyntaxError);
});
