import type { Role } from './role.js';
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { type KeyMaker, type KeysLeft, type KeysLeftRow, type KeysMade, toKeysLeft } from './api-key.js';
import { asJson } from './api-keys.repository.js';
import { isoTime } from './column-values.js';
import { type Invitation, type NamedInvitationRow, toNamedInvitation } from './invitations.repository.js';
import { DatabaseRejectedError } from './database-rejected-error.js';
import { type Page, pageOf, type PageRequest, type PageOrder, pageQuery, keyIn, UUID_KEY } from './page.js';
import { answerOf, rowsOf } from './supabase-error.js';

/** A user (of Supabase) in an organization. */
export interface Member {
  userId: string;
  role: Role;
  createdAt: string;
}

export interface Membership {
  userId: string;
  organizationId: string;
  role: Role;
  /** The organization is closed: the membership allows nothing. */
  isClosed: boolean;
}

export interface MembershipRow {
  user_id: string;
  organization_id: string;
  role: Role;
  is_closed: boolean;
}

const COLUMNS = 'user_id, role, created_at';
type MemberRow = RowWith<'organization_members', typeof COLUMNS>;
type ChangedRow = MemberRow & KeysLeftRow;
interface InvitedRow {
  invitation: NamedInvitationRow;
}

/** How a member is changed. */
export interface MemberChange {
  /** The organization must not lose its last owner by it. */
  keepOwner?: boolean;
  /** What becomes of keys of the member that may do more than the member may from now on. */
  keys?: KeysMade;
  /** Who asks for it, and holds what the role allows; absent for nobody in particular. */
  by?: KeyMaker | undefined;
}

/** A member as changed, with those of the own keys that were usable. */
export interface ChangedMember extends Member {
  keys: KeysLeft;
}

const BY_USER: PageOrder<'user_id'> = { columns: ['user_id'], forms: [UUID_KEY], isDescending: false };

/** The `organization_members` table. */
@Injectable()
export class MembersRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns all memberships of the users, also in closed organizations */
  async membershipsOf(userIds: readonly string[]): Promise<Membership[]> {
    const p = { user_ids: [...userIds] };
    const rows = await answerOf<MembershipRow[]>(this.client.rpc('memberships_of', { p }));
    return rows.map(toMembership);
  }

  /** By user id. */
  async listMembers(organizationId: string, page: PageRequest): Promise<Page<Member>> {
    const query = this.table().select(COLUMNS).eq('organization_id', organizationId);
    const rows = await rowsOf(pageQuery(query, page, BY_USER));
    return pageOf(rows, page, toMember, keyIn(BY_USER));
  }

  async findMember(organizationId: string, userId: string): Promise<Member | null> {
    const query = this.table().select(COLUMNS).eq('organization_id', organizationId).eq('user_id', userId);
    const [row] = await rowsOf(query);
    return row ? toMember(row) : null;
  }

  /**
   * Makes the user a member, or changes the role of one.
   * @returns the member, and those of the own keys that were usable
   * @throws AppError `scope_not_held`, `expiry_not_held`, `organization_not_found`, `organization_closed`, `too_many_members`, `last_owner`
   */
  async putMember(
    organizationId: string,
    userId: string,
    role: Role,
    change: MemberChange = {},
  ): Promise<ChangedMember> {
    return toChanged(await this.put<ChangedRow>(organizationId, userId, role, change));
  }

  /**
   * Changes the role of a member, or asks a user who is none to be one.
   * @returns as `putMember`, or the invitation
   * @throws as `putMember`, and AppError `invitation_declined`, `too_many_invitations`, `user_has_too_many_invitations`
   */
  async putOrInviteMember(
    organizationId: string,
    userId: string,
    role: Role,
    change: MemberChange & { by: KeyMaker },
  ): Promise<{ member: ChangedMember } | { invitation: Invitation }> {
    const invite = { ...change, invite: true };
    const row = await this.put<ChangedRow | InvitedRow>(organizationId, userId, role, invite);
    return 'invitation' in row
      ? { invitation: toNamedInvitation(row.invitation) }
      : { member: toChanged(row) };
  }

  private async put<Row extends object>(
    organizationId: string,
    userId: string,
    role: Role,
    { invite = false, ...change }: MemberChange & { invite?: boolean },
  ): Promise<Row> {
    const p = { ...argumentOf(organizationId, userId, change), role, invite };
    try {
      return await answerOf<Row>(this.client.rpc('put_member', { p }));
    } catch (error) {
      if (error instanceof DatabaseRejectedError && error.sqlState === '23503') {
        throw new AppError('organization_not_found', { cause: error });
      }
      throw error;
    }
  }

  /**
   * @returns those of the member's keys that were usable; null where the user was no member
   * @throws AppError `last_owner`, `api_key_in_use` where the key that asks for it would end
   */
  async removeMember(
    organizationId: string,
    userId: string,
    change: MemberChange = {},
  ): Promise<KeysLeft | null> {
    const p = argumentOf(organizationId, userId, change);
    const row = await answerOf<KeysLeftRow & { removed: boolean }>(this.client.rpc('remove_member', { p }));
    return row.removed ? toKeysLeft(row) : null;
  }

  private table() {
    return this.client.from('organization_members');
  }
}

function toChanged(row: ChangedRow): ChangedMember {
  return { ...toMember(row), keys: toKeysLeft(row) };
}

function argumentOf(organizationId: string, userId: string, change: MemberChange) {
  const { keepOwner = false, keys = 'revoke', by } = change;
  return { organization_id: organizationId, user_id: userId, keep_owner: keepOwner, keys, by: asJson(by) };
}

function toMember(row: MemberRow): Member {
  return { userId: row.user_id, role: row.role, createdAt: isoTime(row.created_at) };
}

export function toMembership(row: MembershipRow): Membership {
  return {
    userId: row.user_id,
    organizationId: row.organization_id,
    role: row.role,
    isClosed: row.is_closed,
  };
}
