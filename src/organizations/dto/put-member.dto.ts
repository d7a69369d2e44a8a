import { ApiProperty } from '@nestjs/swagger';
import { IsOneOf } from '../../http/field-rules.js';
import type { Role } from '../../repositories/role.js';

export const ROLES: readonly Role[] = ['owner', 'agent', 'viewer'];

/** Body of `PUT /api/organizations/:id/members/:userId`. */
export class PutMemberDto {
  @ApiProperty({
    type: String,
    enum: ROLES,
    description: '`viewer` reads; `agent` sends, too; `owner` manages, too.',
    example: 'agent',
  })
  @IsOneOf(ROLES)
  role: Role;
}
