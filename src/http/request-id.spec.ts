import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { requestIdOf } from './request-id.js';

const request = (id: string | string[] | undefined) =>
  ({ headers: id === undefined ? {} : { 'x-request-id': id } }) as unknown as IncomingMessage;

describe('requestIdOf', () => {
  it.each(['a', 'trace-1.2:3', '00-4bf92f3577b34da6a3ce929d0e0e4736', 'x'.repeat(128)])('keeps %s', (id) => {
    expect(requestIdOf(request(id))).toBe(id);
  });

  it.each([
    undefined,
    '',
    ' ',
    'x'.repeat(129),
    'a b',
    '-a',
    'a\u0000',
    'é',
    ['a', 'b'],
    '5511988887777',
    '+5511988887777',
    `auz_0123abcd_${'k'.repeat(43)}`,
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.x',
  ])('replaces %j by a UUID that stays the same', (id) => {
    const one = request(id);

    expect(requestIdOf(one)).toMatch(/^[0-9a-f-]{36}$/);
    expect(requestIdOf(one)).toBe(requestIdOf(one));
    expect(requestIdOf(request(id))).not.toBe(requestIdOf(one));
  });
});
