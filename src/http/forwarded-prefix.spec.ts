import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { forwardedPrefix } from './forwarded-prefix.js';

const prefixIn = (header: string | undefined, isTrusted = true) =>
  forwardedPrefix(
    {
      headers: header === undefined ? {} : { 'x-forwarded-prefix': header },
      socket: { remoteAddress: '10.0.0.2' },
    } as unknown as IncomingMessage,
    () => isTrusted,
  );

it.each([
  ['/whatsapp', '/whatsapp'],
  ['/whatsapp/', '/whatsapp'],
  ['/apps/wa-1', '/apps/wa-1'],
  ['/outer, /inner', '/outer/inner'],
  ['/', undefined],
  ['', undefined],
  ['whatsapp', undefined],
  ['//evil.example', undefined],
  ['https://evil.example', undefined],
  ['/a/../b', undefined],
  ['/a"b', undefined],
  ['/a b', undefined],
  [`/${'a'.repeat(300)}`, undefined],
  [undefined, undefined],
])('reads %j as %j', (header, prefix) => {
  expect(prefixIn(header)).toBe(prefix);
});

it('believes nobody who is not trusted', () => {
  expect(prefixIn('/whatsapp', false)).toBeUndefined();
});
