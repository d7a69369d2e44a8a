import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface.js';
import type { AppConfig } from '../config/app-config.js';

/**
 * @param config with the origins that browsers may call from
 * @returns CORS rules for REST and Socket.IO alike
 */
export function corsOptions(config: AppConfig): CorsOptions {
  return {
    origin: config.corsOrigins.includes('*') ? true : [...config.corsOrigins],
    credentials: true,
    exposedHeaders: ['x-request-id', 'retry-after', 'idempotency-replayed'],
    maxAge: 600,
  };
}
