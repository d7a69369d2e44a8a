import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface.js';
import type { AppConfig } from '../config/app-config.js';

/** What tells a caller of limits. */
const RATE_HEADERS = [
  'ratelimit-policy',
  'ratelimit',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
];

/**
 * @param config with the origins that browsers may call from
 * @returns CORS rules for REST and Socket.IO alike: without credentials, since tokens are sent by hand and there are no cookies
 */
export function corsOptions(config: AppConfig): CorsOptions {
  return {
    origin: config.corsOrigins.includes('*') ? true : [...config.corsOrigins],
    exposedHeaders: ['x-request-id', 'retry-after', 'idempotency-replayed', 'etag', ...RATE_HEADERS],
    maxAge: 600,
  };
}
