import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { attemptStart } from '../common/start-wait.js';
import { AppConfig } from '../config/app-config.js';
import { ConfigError } from '../config/config-error.js';
import { Logs } from '../logging/logs.js';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';

const FAULT =
  'ADMIN_API_KEY must be set, or a key made by: npm run admin -- create-key. Nobody could call the service, since AUTH_MODE ' +
  'is required (the default in production) and there is neither a key nor SUPABASE_URL, SUPABASE_JWKS_URL or SUPABASE_JWT_SECRET';

/** Refuses to start a service that nobody could call. */
@Injectable()
export class AuthConfigCheck implements OnModuleInit {
  constructor(
    private readonly config: AppConfig,
    private readonly keys: ApiKeysRepository,
    private readonly logs: Logs,
  ) {}

  /** @throws ConfigError that says what to do */
  async onModuleInit(): Promise<void> {
    const { authMode, adminApiKey, supabaseJwksUrl, supabaseJwtSecret } = this.config;
    const isReachable =
      authMode === 'open' ||
      adminApiKey !== undefined ||
      supabaseJwksUrl !== undefined ||
      supabaseJwtSecret !== undefined ||
      (await this.hasKey());
    if (!isReachable) {
      throw new ConfigError([FAULT]);
    }
  }

  /** One call that fails must not end a start. */
  private hasKey(): Promise<boolean> {
    const log = this.logs.component('auth');
    return attemptStart(() => this.keys.hasUsable(), {
      waitMs: this.config.startWaitMs,
      explain: (error) =>
        error instanceof AppError && error.code === 'database_unavailable'
          ? { sentence: error.message, passes: true }
          : undefined,
      onWaiting: (cause) => log.warn({ cause }, 'start waits for the database'),
    });
  }
}
