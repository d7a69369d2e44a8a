import { expect, it } from 'vitest';
import { ownBytes } from './own-bytes.js';

it('are the same bytes, in memory that holds nothing else', () => {
  const piece = Buffer.from('0102fe', 'hex');
  const own = ownBytes(piece);

  expect(own).toEqual(piece);
  expect(own.buffer.byteLength).toBe(3);
});
