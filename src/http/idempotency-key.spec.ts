import { describe, expect, it } from 'vitest';
import { parseIdempotencyKey } from './idempotency-key.js';

describe('parseIdempotencyKey', () => {
  it.each([undefined, 'a', '6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10', 'order 7/2 ~!', 'x'.repeat(255)])(
    'takes %j',
    (value) => {
      expect(parseIdempotencyKey(value)).toBe(value);
    },
  );

  it.each(['', 'x'.repeat(256), 'caf\u00e9', 'a\tb', 'a\u007f', 'a\nb'])('refuses %j', (value) => {
    expect(() => parseIdempotencyKey(value)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        details: [{ path: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }],
      }),
    );
  });
});
