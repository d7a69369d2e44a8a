import { ApiProperty } from '@nestjs/swagger';
import { GROUP_CHANGE_KINDS, GROUP_ROLES, type GroupChangeKind, type GroupRole } from '../common/groups.js';
import type { Group, GroupDetail } from '../repositories/groups.repository.js';

/** Somebody in a group. */
export class GroupPersonResponse {
  @ApiProperty({ type: String, nullable: true, example: '5511988887777' })
  phone_number: string | null;

  @ApiProperty({ type: String, nullable: true })
  lid: string | null;
}

/** Who is in a group. */
export class GroupMemberResponse extends GroupPersonResponse {
  @ApiProperty({ type: String, enum: GROUP_ROLES })
  role: GroupRole;

  @ApiProperty({ type: String, format: 'date-time' })
  changed_at: string;
}

/** What somebody changed of a group. */
export class GroupChangeResponse {
  @ApiProperty({ type: String, enum: GROUP_CHANGE_KINDS })
  kind: GroupChangeKind;

  @ApiProperty({ type: GroupPersonResponse, nullable: true, description: 'Who did it.' })
  by: GroupPersonResponse | null;

  @ApiProperty({ type: String, nullable: true, description: 'What it is called since.' })
  subject: string | null;

  @ApiProperty({ type: [GroupPersonResponse], description: 'Whom it was done to.' })
  members: GroupPersonResponse[];

  @ApiProperty({ type: String, format: 'date-time' })
  changed_at: string;
}

/** A group in which an instance's number takes part. */
export class GroupResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, format: 'uuid' })
  instance_id: string;

  @ApiProperty({ type: String, example: '120363012345678901@g.us' })
  jid: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What it is called; null until WhatsApp tells it.',
  })
  subject: string | null;

  @ApiProperty({ type: String, nullable: true })
  description: string | null;

  @ApiProperty({ type: GroupPersonResponse, nullable: true })
  owner: GroupPersonResponse | null;

  @ApiProperty({ type: 'integer', example: 12 })
  member_count: number;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When WhatsApp told who is in it.',
  })
  learnt_at: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  updated_at: string;
}

/** A group with who is in it. */
export class GroupDetailResponse extends GroupResponse {
  @ApiProperty({ type: [GroupMemberResponse] })
  members: GroupMemberResponse[];

  @ApiProperty({ type: [GroupChangeResponse], description: 'The last hundred, the newest first.' })
  changes: GroupChangeResponse[];
}

/** @returns a group as lists show it */
export function toGroupResponse(group: Group): Pick<GroupResponse, keyof GroupResponse> {
  return {
    id: group.id,
    organization_id: group.organizationId,
    instance_id: group.instanceId,
    jid: group.jid,
    subject: group.subject,
    description: group.description,
    owner: group.owner,
    member_count: group.memberCount,
    learnt_at: group.learntAt,
    created_at: group.createdAt,
    updated_at: group.updatedAt,
  };
}

/** @returns a group as a single read shows it */
export function toGroupDetailResponse(group: GroupDetail): GroupDetailResponse {
  return {
    ...toGroupResponse(group),
    members: group.members.map(({ changedAt, ...member }) => ({ ...member, changed_at: changedAt })),
    changes: group.changes.map(({ changedAt, ...change }) => ({ ...change, changed_at: changedAt })),
  };
}
