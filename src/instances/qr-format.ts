import type { Request } from 'express';
import { AppError } from '../common/app-error.js';
import type { QrFormat } from './qr-image.js';

/** In order of preference, for callers to whom several are equally welcome. */
const FORMATS_BY_TYPE = {
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'text/plain': 'text',
  'application/json': 'json',
} as const satisfies Record<string, QrFormat>;

/**
 * @param request a request for a QR code
 * @returns the format that its Accept header likes best; PNG where it has none
 * @throws AppError 406 `not_acceptable`
 */
export function acceptedQrFormat(request: Request): QrFormat {
  const types = Object.keys(FORMATS_BY_TYPE) as (keyof typeof FORMATS_BY_TYPE)[];
  const type = request.accepts(types);
  if (type === false) {
    throw new AppError('not_acceptable', { message: `The QR code comes as ${types.join(', ')}.` });
  }
  return FORMATS_BY_TYPE[type as keyof typeof FORMATS_BY_TYPE];
}
