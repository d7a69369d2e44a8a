import { AppError } from '../common/app-error.js';

const PATTERN = /^[\x20-\x7e]{1,255}$/;

/**
 * @param value the `Idempotency-Key` header, undefined where there is none
 * @returns the key
 * @throws AppError `validation_failed`
 */
export function parseIdempotencyKey(value: string | undefined): string | undefined {
  if (value !== undefined && !PATTERN.test(value)) {
    const message = 'must be 1 to 255 printable ASCII characters';
    throw new AppError('validation_failed', {
      message: `The input is invalid: Idempotency-Key: ${message}.`,
      details: [{ path: 'Idempotency-Key', message }],
    });
  }
  return value;
}
