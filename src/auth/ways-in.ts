import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { ConfigError } from '../config/config-error.js';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';

const FAULT =
  'ADMIN_API_KEY must be set, or a key made by: npm run admin -- create-key. Nobody could call the service, since AUTH_MODE ' +
  'is required (the default in production) and there is neither a key nor SUPABASE_URL, SUPABASE_JWKS_URL or SUPABASE_JWT_SECRET';

/** Refuses to start a service that nobody could call. */
@Injectable()
export class WaysIn implements OnModuleInit {
  constructor(
    private readonly config: AppConfig,
    private readonly keys: ApiKeysRepository,
  ) {}

  /** @throws ConfigError that says what to do */
  async onModuleInit(): Promise<void> {
    const { authMode, adminApiKey, supabaseJwksUrl, supabaseJwtSecret } = this.config;
    const isReachable =
      authMode === 'open' ||
      adminApiKey !== undefined ||
      supabaseJwksUrl !== undefined ||
      supabaseJwtSecret !== undefined ||
      (await this.keys.hasUsable());
    if (!isReachable) {
      throw new ConfigError([FAULT]);
    }
  }
}
