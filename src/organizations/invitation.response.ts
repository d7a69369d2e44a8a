import { ApiProperty } from '@nestjs/swagger';
import type { Invitation, NamedInvitation } from '../repositories/invitations.repository.js';
import type { Role } from '../repositories/role.js';
import { ApiKeyMakerResponse } from './api-key.response.js';
import { ROLES } from './dto/put-member.dto.js';

/** A user who is asked to be a member, as the organization sees it. */
export class InvitationResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, format: 'uuid', description: 'Id of the Supabase user.' })
  user_id: string;

  @ApiProperty({ type: String, enum: ROLES, example: 'agent' })
  role: Role;

  @ApiProperty({ type: String, enum: ['pending', 'declined'] })
  state: 'pending' | 'declined';

  @ApiProperty({ type: ApiKeyMakerResponse })
  created_by: ApiKeyMakerResponse;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  created_at: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'It can be accepted before; a user who declined is not asked again before.',
    example: '2025-10-16T12:00:00.000Z',
  })
  expires_at: string;
}

/** The same, as the user sees it. */
export class MyInvitationResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, example: 'Clínica Sol' })
  organization_name: string;

  @ApiProperty({ type: String, enum: ROLES, example: 'agent' })
  role: Role;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-16T12:00:00.000Z' })
  expires_at: string;
}

export function toInvitationResponse(invitation: Invitation): InvitationResponse {
  return {
    id: invitation.id,
    organization_id: invitation.organizationId,
    user_id: invitation.userId,
    role: invitation.role,
    state: invitation.declinedAt === null ? 'pending' : 'declined',
    created_by: invitation.createdBy,
    created_at: invitation.createdAt,
    expires_at: invitation.expiresAt,
  };
}

export function toMyInvitationResponse(invitation: NamedInvitation): MyInvitationResponse {
  return {
    id: invitation.id,
    organization_id: invitation.organizationId,
    organization_name: invitation.organizationName,
    role: invitation.role,
    created_at: invitation.createdAt,
    expires_at: invitation.expiresAt,
  };
}
