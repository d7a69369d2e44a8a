import { ApiProperty } from '@nestjs/swagger';
import type { Member } from '../repositories/members.repository.js';
import type { Role } from '../repositories/role.js';
import { ROLES } from './dto/put-member.dto.js';

/** A user in an organization. */
export class MemberResponse {
  @ApiProperty({ type: String, format: 'uuid', description: 'Id of the Supabase user.' })
  user_id: string;

  @ApiProperty({ type: String, enum: ROLES, example: 'agent' })
  role: Role;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  created_at: string;
}

export function toMemberResponse({ userId, role, createdAt }: Member): MemberResponse {
  return { user_id: userId, role, created_at: createdAt };
}
