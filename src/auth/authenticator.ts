import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { UnauthorizedError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import type { Principal } from './principal.js';

const OPEN: Principal = { kind: 'open', id: 'open', name: 'anybody', grants: 'all' };
const ENVIRONMENT: Principal = {
  kind: 'administrator',
  id: 'environment',
  name: 'ADMIN_API_KEY',
  grants: 'all',
};

/** Decides who the bearer of a token is. The only place that does, for REST and Socket.IO alike. */
@Injectable()
export class Authenticator {
  private readonly adminKeyHash: Buffer | undefined;

  constructor(private readonly config: AppConfig) {
    this.adminKeyHash = config.adminApiKey === undefined ? undefined : sha256(config.adminApiKey);
  }

  /**
   * @param token what the caller sent, if anything
   * @returns who the caller is, and what that allows
   * @throws UnauthorizedError `unauthorized` for a missing or wrong token, alike
   */
  async authenticate(token: string | undefined): Promise<Principal> {
    if (this.config.authMode === 'open') {
      return OPEN;
    }
    if (this.isAdminKey(token)) {
      return ENVIRONMENT;
    }
    throw new UnauthorizedError('unauthorized', 'Send a valid token: Authorization: Bearer <token>.');
  }

  /** Compares hashes: they have one length, and the time taken tells nothing about the key. */
  private isAdminKey(token: string | undefined): boolean {
    return (
      token !== undefined &&
      this.adminKeyHash !== undefined &&
      timingSafeEqual(sha256(token), this.adminKeyHash)
    );
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
