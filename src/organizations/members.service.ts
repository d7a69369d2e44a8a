import { Injectable } from '@nestjs/common';
import { holdsAll, permissionsOf } from '../auth/grants.js';
import type { Principal } from '../auth/principal.js';
import { ForbiddenError, NotFoundError } from '../common/app-error.js';
import { AccessSignals } from '../queue/access-signals.js';
import { type Member, MembersRepository, type Role } from '../repositories/members.repository.js';

/** Who belongs to an organization. */
@Injectable()
export class MembersService {
  constructor(
    private readonly members: MembersRepository,
    private readonly signals: AccessSignals,
  ) {}

  /**
   * Makes a user a member, or changes the role of one.
   * @throws ForbiddenError `role_not_held`, when the caller may do less than the role does
   * @throws NotFoundError `organization_not_found`, InvalidStateError `organization_closed`, `too_many_members`, `last_owner`
   */
  async put(principal: Principal, organizationId: string, userId: string, role: Role): Promise<Member> {
    if (!holdsAll(principal, organizationId, permissionsOf(role))) {
      throw new ForbiddenError(
        'role_not_held',
        'Nobody gives a role that may do more than they may themselves.',
      );
    }
    const member = await this.members.putMember(organizationId, userId, role, {
      keepOwner: mustKeepOwner(principal),
    });
    this.signals.tell(userId);
    return member;
  }

  /** @throws NotFoundError `member_not_found`, InvalidStateError `last_owner` */
  async remove(principal: Principal, organizationId: string, userId: string): Promise<void> {
    const keepOwner = mustKeepOwner(principal);
    if (!(await this.members.removeMember(organizationId, userId, { keepOwner }))) {
      throw new NotFoundError('member_not_found', 'The user is not a member of this organization.');
    }
    this.signals.tell(userId);
  }
}

/** Whoever takes the last owner from an organization leaves it to administrators, so only they may. */
function mustKeepOwner({ grants }: Principal): boolean {
  return grants !== 'all';
}
