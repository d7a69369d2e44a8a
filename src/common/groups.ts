import type { PersonAddress } from './person-address.js';

/** What becomes of what is written in groups. */
export type GroupPolicy = 'ignore' | 'store';

export const GROUP_ROLES = ['member', 'admin', 'owner'] as const;
export type GroupRole = (typeof GROUP_ROLES)[number];

/** What can be done to a group, as far as that is kept. */
export const GROUP_CHANGE_KINDS = [
  'create',
  'subject',
  'description',
  'add',
  'remove',
  'leave',
  'promote',
  'demote',
] as const;
export type GroupChangeKind = (typeof GROUP_CHANGE_KINDS)[number];

/** What somebody did to a group. */
export interface GroupChange {
  kind: GroupChangeKind;
  /** What it is called since. */
  subject?: string;
  /** Whom it was done to. */
  people?: PersonAddress[];
}

export interface GroupMember extends PersonAddress {
  role: GroupRole;
}

/** A group as WhatsApp describes it. */
export interface GroupState {
  subject: string | undefined;
  description: string | undefined;
  owner: PersonAddress;
  members: GroupMember[];
}
