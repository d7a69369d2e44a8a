import { Injectable } from '@nestjs/common';
import { holdsAll, permissionsOf } from '../auth/grants.js';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import type { KeysLeft, KeysMade } from '../repositories/api-key.js';
import type { Invitation } from '../repositories/invitations.repository.js';
import { AccessSignals } from '../queue/access-signals.js';
import { type ChangedMember, MembersRepository } from '../repositories/members.repository.js';
import type { Role } from '../repositories/role.js';

/** Who belongs to an organization. */
@Injectable()
export class MembersService {
  constructor(
    private readonly members: MembersRepository,
    private readonly signals: AccessSignals,
  ) {}

  /**
   * Changes the role of a member, or asks a user who is none to be one. An administrator makes a member without asking.
   * @param keys what becomes of keys of the member that may do more than the role
   * @throws AppError `role_not_held`, when the caller may do less than the role does, `expiry_not_held` for a key that ends
   * @throws AppError `organization_not_found`, `organization_closed`, `too_many_members`, `last_owner`,
   *   `invitation_declined`, `too_many_invitations`, `user_has_too_many_invitations`
   */
  async put(
    principal: Principal,
    organizationId: string,
    userId: string,
    role: Role,
    keys: KeysMade,
  ): Promise<{ member: ChangedMember } | { invitation: Invitation }> {
    if (!holdsAll(principal, organizationId, permissionsOf(role))) {
      throw new AppError('role_not_held');
    }
    const change = { keepOwner: mustKeepOwner(principal), keys, by: principal };
    const put =
      principal.grants === 'all'
        ? { member: await this.members.putMember(organizationId, userId, role, change) }
        : await this.members.putOrInviteMember(organizationId, userId, role, change);
    if ('member' in put) {
      this.tellOf(userId, put.member.keys);
    }
    return put;
  }

  /**
   * @param keys what becomes of the member's keys
   * @returns the member's keys, as far as they were usable
   * @throws AppError `member_not_found`, `last_owner`, `api_key_in_use`
   */
  async remove(
    principal: Principal,
    organizationId: string,
    userId: string,
    keys: KeysMade,
  ): Promise<KeysLeft> {
    const change = { keepOwner: mustKeepOwner(principal), keys, by: principal };
    const left = await this.members.removeMember(organizationId, userId, change);
    if (left === null) {
      throw new AppError('member_not_found');
    }
    this.tellOf(userId, left);
    return left;
  }

  private tellOf(userId: string, { revoked }: KeysLeft): void {
    [userId, ...revoked.map(({ id }) => id)].forEach((id) => this.signals.tell(id));
  }
}

/** Whoever takes the last owner from an organization leaves it to administrators, so only they may. */
function mustKeepOwner({ grants }: Principal): boolean {
  return grants !== 'all';
}
