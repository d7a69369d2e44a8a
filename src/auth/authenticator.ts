import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ForbiddenError, InvalidStateError, UnauthorizedError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';
import { MembersRepository } from '../repositories/members.repository.js';
import { ApiKeyHasher } from './api-key-hasher.js';
import { isApiKeyText } from './api-key-text.js';
import { principalOfKey, principalOfUser } from './grants.js';
import type { Principal } from './principal.js';
import { type UserToken, UserTokens } from './user-tokens.js';

const OPEN: Principal = { kind: 'open', id: 'open', name: 'anybody', grants: 'all' };
const ENVIRONMENT: Principal = {
  kind: 'administrator',
  id: 'environment',
  name: 'ADMIN_API_KEY',
  grants: 'all',
};

/**
 * Decides who the bearer of a token is. The only place that does, for REST and Socket.IO alike. Nothing is kept from call to
 * call, so that a key that is revoked and a member who is removed have no more calls: that costs one query for each.
 */
@Injectable()
export class Authenticator {
  private readonly adminKeyHash: Buffer | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly keys: ApiKeysRepository,
    private readonly members: MembersRepository,
    private readonly hasher: ApiKeyHasher,
    private readonly userTokens: UserTokens,
  ) {
    this.adminKeyHash = config.adminApiKey === undefined ? undefined : sha256(config.adminApiKey);
  }

  /**
   * @param token what the caller sent, if anything
   * @returns who the caller is, and what that allows
   * @throws UnauthorizedError `unauthorized` for a missing, wrong, revoked or expired token, alike
   * @throws ForbiddenError `no_membership`, InvalidStateError `organization_closed` for users who are in no open organization
   * @throws UpstreamError `database_unavailable`, `signing_keys_unavailable`
   */
  async authenticate(token: string | undefined): Promise<Principal> {
    if (this.config.authMode === 'open') {
      return OPEN;
    }
    const principal = token === undefined ? null : await this.principalOf(token);
    if (principal === null) {
      throw new UnauthorizedError('unauthorized', 'Send a valid token: Authorization: Bearer <token>.');
    }
    return principal;
  }

  private async principalOf(token: string): Promise<Principal | null> {
    if (this.isAdminKey(token)) {
      return ENVIRONMENT;
    }
    if (isApiKeyText(token)) {
      const key = await this.keys.authenticate(await this.hasher.hash(token));
      return key && principalOfKey(key);
    }
    const user = await this.userTokens.verify(token);
    return user && this.memberOf(user);
  }

  private async memberOf({ userId, expiresAt }: UserToken): Promise<Principal> {
    const memberships = await this.members.membershipsOf([userId]);
    if (memberships.length === 0) {
      const message =
        'The user is a member of no organization. An owner or an administrator makes one: PUT /api/organizations/{id}/members/{user id}.';
      throw new ForbiddenError('no_membership', message);
    }
    if (memberships.every(({ isClosed }) => isClosed)) {
      throw new InvalidStateError('organization_closed', 'The organization is closed.');
    }
    return principalOfUser(userId, memberships, expiresAt);
  }

  /** Compares hashes: they have one length, and the time taken tells nothing about the key. */
  private isAdminKey(token: string): boolean {
    return this.adminKeyHash !== undefined && timingSafeEqual(sha256(token), this.adminKeyHash);
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
