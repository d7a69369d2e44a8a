import { Injectable } from '@nestjs/common';
import type * as Jose from 'jose';
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import { AppError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { isUuid } from '../common/uuid.js';
import { Logs } from '../logging/logs.js';
import { signingKeysAt } from './signing-keys.js';

/** Whom Supabase takes a user who logged in for, in `aud` and `role`; the tables are open to no other role. */
const LOGGED_IN = 'authenticated';

/** What a valid token says. */
export interface UserToken {
  userId: string;
  expiresAt: Date;
}

const SHARED_SECRET = ['HS256'];
const PUBLIC_KEYS = ['ES256', 'RS256'];

/**
 * Checks the tokens that Supabase gives to users who logged in, without asking anybody. Which algorithms may sign is decided
 * by the key, never by the token: a public key is no shared secret.
 */
@Injectable()
export class UserTokens {
  private readonly secret: Uint8Array | undefined;
  private readonly keys: JWTVerifyGetKey | undefined;
  private readonly options: JWTVerifyOptions;
  private readonly log: ReturnType<Logs['component']>;
  private hasToldOfIssuer = false;

  /** @param jose the library; undefined where no token of a user is valid, for want of a key */
  constructor(
    { supabaseJwtSecret, supabaseJwksUrl, supabaseJwtIssuers }: AppConfig,
    logs: Logs,
    private readonly jose?: typeof Jose,
  ) {
    this.log = logs.component('auth');
    this.secret = supabaseJwtSecret === undefined ? undefined : new TextEncoder().encode(supabaseJwtSecret);
    this.keys = jose && supabaseJwksUrl !== undefined ? signingKeysAt(jose, supabaseJwksUrl) : undefined;
    this.options = {
      audience: LOGGED_IN,
      requiredClaims: ['exp', 'sub'],
      ...(supabaseJwtIssuers.length > 0 && { issuer: [...supabaseJwtIssuers] }),
    };
  }

  /** @param config names what tokens are signed with; the library is read where it names something */
  static async open(config: AppConfig, logs: Logs): Promise<UserTokens> {
    const { supabaseJwtSecret, supabaseJwksUrl } = config;
    const hasKeys = supabaseJwtSecret !== undefined || supabaseJwksUrl !== undefined;
    return new UserTokens(config, logs, hasKeys ? await import('jose') : undefined);
  }

  /**
   * @param token what the caller sent
   * @returns whose token it is; null for anything but a valid token of a user
   * @throws AppError `signing_keys_unavailable`
   */
  async verify(token: string): Promise<UserToken | null> {
    const { jose } = this;
    if (!jose) {
      return null;
    }
    try {
      return toUserToken(await this.payloadOf(jose, token));
    } catch (error) {
      if (error instanceof AppError) {
        throw error;
      }
      if (error instanceof jose.errors.JWTClaimValidationFailed && error.claim === 'iss') {
        this.tellOfIssuer(error.payload.iss);
      }
      return null;
    }
  }

  /** Its signature is right, so it is no attack: the configuration does not know how the project calls itself. */
  private tellOfIssuer(issuer: unknown): void {
    if (!this.hasToldOfIssuer) {
      this.hasToldOfIssuer = true;
      const found = typeof issuer === 'string' ? issuer.slice(0, 200) : 'none';
      this.log.warn(
        { issuer: found, expected: this.options.issuer },
        'tokens of another issuer are refused: name it in SUPABASE_JWT_ISSUER if it is yours',
      );
    }
  }

  private async payloadOf(
    { decodeProtectedHeader, jwtVerify }: typeof Jose,
    token: string,
  ): Promise<JWTPayload | null> {
    const { alg = '' } = decodeProtectedHeader(token);
    if (this.secret && SHARED_SECRET.includes(alg)) {
      return (await jwtVerify(token, this.secret, { ...this.options, algorithms: SHARED_SECRET })).payload;
    }
    if (this.keys && PUBLIC_KEYS.includes(alg)) {
      return (await jwtVerify(token, this.keys, { ...this.options, algorithms: PUBLIC_KEYS })).payload;
    }
    return null;
  }
}

function toUserToken(payload: JWTPayload | null): UserToken | null {
  const { sub, exp, role = LOGGED_IN } = (payload ?? {}) as JWTPayload & { role?: unknown };
  if (typeof sub !== 'string' || !isUuid(sub) || exp === undefined || role !== LOGGED_IN) {
    return null;
  }
  return { userId: sub.toLowerCase(), expiresAt: new Date(exp * 1000) };
}
