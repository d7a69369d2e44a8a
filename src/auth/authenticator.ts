import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';
import type { Instance } from '../repositories/instance.js';
import { type Membership, MembersRepository } from '../repositories/members.repository.js';
import { OpenedCallsRepository } from '../repositories/opened-calls.repository.js';
import { ApiKeyHasher } from './api-key-hasher.js';
import { isApiKeyText } from './api-key-text.js';
import { principalOfKey, principalOfUser } from './grants.js';
import type { Principal } from './principal.js';
import { UserTokens } from './user-tokens.js';

/** Who calls, and what was read with the same look into the database. */
export interface OpenedCall {
  principal: Principal;
  /** Why a user is let in nowhere but where being a user is enough. */
  refusal?: AppError | undefined;
  /**
   * The instance that the call names, deleted or not; null where there is none of which the caller may know anything. Absent
   * where it was not read.
   */
  instance?: Instance | null;
}

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
    private readonly calls: OpenedCallsRepository,
    private readonly hasher: ApiKeyHasher,
    private readonly userTokens: UserTokens,
  ) {
    this.adminKeyHash = config.adminApiKey === undefined ? undefined : sha256(config.adminApiKey);
  }

  /**
   * @param token what the caller sent, if anything
   * @returns who the caller is, and what that allows
   * @throws AppError `unauthorized` for a missing, wrong, revoked or expired token, alike
   * @throws AppError `no_membership`, `organization_closed` for users who are in no open organization
   * @throws AppError `database_unavailable`, `signing_keys_unavailable`
   */
  async authenticate(token: string | undefined): Promise<Principal> {
    return memberOf(await this.open(token));
  }

  /**
   * As `authenticate`, also of users who are members of nothing; reads the instance that the call names by the way, where the
   * database is asked anyhow.
   * @param instanceId a UUID
   */
  async open(token: string | undefined, instanceId?: string): Promise<OpenedCall> {
    if (this.config.authMode === 'open') {
      return { principal: OPEN };
    }
    const call = token === undefined ? null : await this.callOf(token, instanceId);
    if (call === null) {
      throw new AppError('unauthorized');
    }
    return call;
  }

  private async callOf(token: string, instanceId: string | undefined): Promise<OpenedCall | null> {
    if (this.isAdminKey(token)) {
      return { principal: ENVIRONMENT };
    }
    if (isApiKeyText(token)) {
      const { grant, ...named } = await this.byKey(await this.hasher.hash(token), instanceId);
      return grant && { principal: principalOfKey(grant), ...named };
    }
    const user = await this.userTokens.verify(token);
    if (user === null) {
      return null;
    }
    const { memberships, ...named } = await this.byUser(user.userId, instanceId);
    const { userId, expiresAt } = user;
    return {
      principal: principalOfUser(userId, memberships, expiresAt),
      refusal: refusalOf(memberships),
      ...named,
    };
  }

  private async byKey(hash: Buffer, instanceId: string | undefined) {
    return instanceId === undefined
      ? { grant: await this.keys.authenticate(hash) }
      : this.calls.openByKey(hash, instanceId);
  }

  private async byUser(userId: string, instanceId: string | undefined) {
    return instanceId === undefined
      ? { memberships: await this.members.membershipsOf([userId]) }
      : this.calls.openByUser(userId, instanceId);
  }

  /** Compares hashes: they have one length, and the time taken tells nothing about the key. */
  private isAdminKey(token: string): boolean {
    return this.adminKeyHash !== undefined && timingSafeEqual(sha256(token), this.adminKeyHash);
  }
}

/**
 * @returns who calls
 * @throws AppError `no_membership`, `organization_closed`
 */
export function memberOf({ principal, refusal }: OpenedCall): Principal {
  if (refusal !== undefined) {
    throw refusal;
  }
  return principal;
}

function refusalOf(memberships: readonly Membership[]): AppError | undefined {
  if (memberships.length === 0) {
    const message =
      'The user is a member of no organization. An owner invites one: PUT /api/organizations/{id}/members/{user id}; the user accepts: POST /api/me/invitations/{id}/accept.';
    return new AppError('no_membership', { message });
  }
  return memberships.every(({ isClosed }) => isClosed)
    ? new AppError('organization_closed', { message: 'The organization is closed.' })
    : undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
