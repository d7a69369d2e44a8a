import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { AccessSignals } from '../queue/access-signals.js';
import {
  type Invitation,
  InvitationsRepository,
  type NamedInvitation,
} from '../repositories/invitations.repository.js';

/** Invitations: answered by the user, or withdrawn. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly invitations: InvitationsRepository,
    private readonly signals: AccessSignals,
  ) {}

  /**
   * The user is a member from now on, and open sockets of the user may join.
   * @throws AppError `invitation_not_found`, `organization_closed`, `too_many_members`
   */
  async accept(userId: string, id: string): Promise<NamedInvitation> {
    const accepted = found(await this.invitations.answerInvitation(id, userId, true));
    this.signals.tell(userId);
    return accepted;
  }

  /** @throws AppError `invitation_not_found` */
  async decline(userId: string, id: string): Promise<NamedInvitation> {
    return found(await this.invitations.answerInvitation(id, userId, false));
  }

  /** @throws AppError `invitation_not_found`, also for one that was answered */
  async withdraw(organizationId: string, id: string): Promise<Invitation> {
    return found(await this.invitations.withdrawInvitation(organizationId, id));
  }
}

function found<Found extends Invitation>(invitation: Found | null): Found {
  if (invitation === null) {
    throw new AppError('invitation_not_found');
  }
  return invitation;
}
