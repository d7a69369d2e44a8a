import { ApiProperty } from '@nestjs/swagger';
import type { Organization } from '../repositories/organizations.repository.js';

/** A tenant. */
export class OrganizationResponse {
  @ApiProperty({ type: String, example: 'org_123' })
  id: string;

  @ApiProperty({ type: String, example: 'Clínica Sol' })
  name: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  created_at: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Since when it takes nothing new.',
    example: null,
  })
  closed_at: string | null;
}

export function toOrganizationResponse(organization: Organization): OrganizationResponse {
  const { id, name, createdAt, closedAt } = organization;
  return { id, name, created_at: createdAt, closed_at: closedAt };
}
