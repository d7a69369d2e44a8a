import type { FileHandle } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { mp4Facts } from './mp4-facts.js';

/** A box whose size 0 says that it goes on to the end of the file. */
const OPEN = Buffer.from('\0\0\0\0moov', 'latin1');

it.each([
  ['boxes one in the other', Buffer.concat(Array.from({ length: 20_000 }, () => OPEN))],
  [
    'boxes one behind the other',
    Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from('\0\0\0\x08free', 'latin1'))),
  ],
])('looks at few of %s', async (_what, bytes) => {
  let reads = 0;
  const file = {
    stat: () => Promise.resolve({ size: bytes.length }),
    read: (buffer: Buffer, offset: number, length: number, position: number) => {
      reads += 1;
      return Promise.resolve({ buffer, bytesRead: bytes.copy(buffer, offset, position, position + length) });
    },
  };

  expect(await mp4Facts(file as unknown as FileHandle)).toEqual({});
  expect(reads).toBeLessThanOrEqual(500);
});
