import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { type KeyMaker, toMaker } from './api-key.js';
import { isoTime, isoTimeOrNull } from './column-values.js';
import { creationKey, NEWEST_FIRST, type Page, pageOf, type PageRequest, pageQuery } from './page.js';
import type { Role } from './role.js';
import { answerOf, answerOrNullOf, rowsOf } from './supabase-error.js';

/** A user who is asked to be a member of an organization, and is none before accepting. */
export interface Invitation {
  id: string;
  organizationId: string;
  userId: string;
  role: Role;
  createdBy: KeyMaker;
  createdAt: string;
  expiresAt: string;
  /** Since when it is over, though it is shown until it expires. */
  declinedAt: string | null;
}

/** As the user sees it. */
export interface NamedInvitation extends Invitation {
  organizationName: string;
}

const COLUMNS = 'id, organization_id, user_id, role, created_by, created_at, expires_at, declined_at';
type InvitationRow = RowWith<'organization_invitations', typeof COLUMNS>;
export type NamedInvitationRow = InvitationRow & { organization_name: string };

/** The `organization_invitations` table; `MembersRepository` makes its rows. */
@Injectable()
export class InvitationsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** Newest first; those that were declined, too, until they expire. */
  async listInvitations(organizationId: string, page: PageRequest): Promise<Page<Invitation>> {
    let query = this.client
      .from('organization_invitations')
      .select(COLUMNS)
      .eq('organization_id', organizationId)
      .gt('expires_at', new Date().toISOString());
    const rows = await rowsOf(pageQuery(query, page, NEWEST_FIRST));
    return pageOf(rows, page, toInvitation, creationKey);
  }

  /** @returns what waits for the user's answer, newest first: the database bounds how many */
  async invitationsOf(userId: string): Promise<NamedInvitation[]> {
    const p = { user_id: userId };
    const rows = await answerOf<NamedInvitationRow[]>(this.client.rpc('invitations_of', { p }));
    return rows.map(toNamedInvitation);
  }

  /**
   * The user's answer; a user who accepts is a member from now on.
   * @returns the invitation; null where none of this id waits for this user
   * @throws AppError `organization_closed`, `too_many_members`
   */
  async answerInvitation(id: string, userId: string, accept: boolean): Promise<NamedInvitation | null> {
    const p = { id, user_id: userId, accept };
    const row = await answerOrNullOf<NamedInvitationRow>(this.client.rpc('answer_invitation', { p }));
    return row && toNamedInvitation(row);
  }

  /** @returns the invitation that was taken back; null where none of this id waits for an answer */
  async withdrawInvitation(organizationId: string, id: string): Promise<Invitation | null> {
    const p = { id, organization_id: organizationId };
    const row = await answerOrNullOf<NamedInvitationRow>(this.client.rpc('withdraw_invitation', { p }));
    return row && toInvitation(row);
  }
}

export function toNamedInvitation(row: NamedInvitationRow): NamedInvitation {
  return { ...toInvitation(row), organizationName: row.organization_name };
}

function toInvitation(row: InvitationRow): Invitation {
  return {
    id: row.id,
    organizationId: row.organization_id,
    userId: row.user_id,
    role: row.role as Role,
    createdBy: toMaker(row.created_by)!,
    createdAt: isoTime(row.created_at),
    expiresAt: isoTime(row.expires_at),
    declinedAt: isoTimeOrNull(row.declined_at),
  };
}
