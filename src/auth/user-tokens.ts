import { Injectable } from '@nestjs/common';
import {
  decodeProtectedHeader,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import { AppError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { isUuid } from '../http/field-rules.js';
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

  constructor(config: AppConfig) {
    const { supabaseJwtSecret, supabaseJwksUrl, supabaseUrl } = config;
    this.secret = supabaseJwtSecret === undefined ? undefined : new TextEncoder().encode(supabaseJwtSecret);
    this.keys = supabaseJwksUrl === undefined ? undefined : signingKeysAt(supabaseJwksUrl);
    this.options = {
      audience: LOGGED_IN,
      requiredClaims: ['exp', 'sub'],
      ...(supabaseUrl !== undefined && { issuer: `${supabaseUrl.replace(/\/+$/, '')}/auth/v1` }),
    };
  }

  /**
   * @param token what the caller sent
   * @returns whose token it is; null for anything but a valid token of a user
   * @throws UpstreamError `signing_keys_unavailable`
   */
  async verify(token: string): Promise<UserToken | null> {
    try {
      return toUserToken(await this.payloadOf(token));
    } catch (error) {
      if (error instanceof AppError) {
        throw error;
      }
      return null;
    }
  }

  private async payloadOf(token: string): Promise<JWTPayload | null> {
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
