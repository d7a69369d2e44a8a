import { expect, it } from 'vitest';
import { openApiText } from './openapi-text.js';

const field = (description: string) => ({ type: 'string', description });
const long = 'x'.repeat(150);

it.each([
  ['what is short', { a: [1, null, 'x'] }],
  ['what is long', { a: { b: field(long), c: field('short'), d: [long, long] }, e: {} }],
])('keeps %s as it is', (_name, value) => {
  expect(JSON.parse(openApiText(value))).toEqual(value);
});

it('shows a change of one field by one line', () => {
  const textOf = (description: string) =>
    openApiText({ schemas: { A: field(long), B: field(description), C: field(long) } }).split('\n');
  const [before, after] = [textOf(`${long}1`), textOf(`${long}2`)];

  expect(after.filter((line, at) => line !== before[at])).toHaveLength(1);
});

it('writes what is short into one line', () => {
  expect(openApiText({ a: { b: 1 }, c: [2, 3] })).toBe('{"a":{"b":1},"c":[2,3]}\n');
});
