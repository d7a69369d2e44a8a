import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';

const TIMEOUT_MS = 5_000;
const PUBLIC_KINDS = new Set(['RSA', 'EC', 'OKP']);

/**
 * Warns of a shared secret beside a project that signs with public keys: whoever has that secret can still make tokens of
 * any user, also after the project stopped to use it.
 */
@Injectable()
export class SharedSecretCheck implements OnApplicationBootstrap {
  constructor(
    private readonly config: AppConfig,
    private readonly logs: Logs,
  ) {}

  /** Looks once, beside the start. */
  onApplicationBootstrap(): void {
    const { supabaseJwtSecret, supabaseJwksUrl } = this.config;
    if (supabaseJwtSecret !== undefined && supabaseJwksUrl !== undefined) {
      void this.check(supabaseJwksUrl);
    }
  }

  /** Never rejects: what can't be read now is no reason to say anything. */
  private async check(url: string): Promise<void> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const { keys } = (await response.json()) as { keys?: unknown };
      if (Array.isArray(keys) && keys.some((key: { kty?: unknown }) => PUBLIC_KINDS.has(String(key?.kty)))) {
        this.logs
          .component('auth')
          .warn(
            'SUPABASE_JWT_SECRET is set although the project signs with public keys: tokens made with it stay valid until it is taken away here',
          );
      }
    } catch {
      // What needs the keys says so.
    }
  }
}
