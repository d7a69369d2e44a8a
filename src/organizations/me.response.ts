import { ApiProperty } from '@nestjs/swagger';
import type { Permission, Principal } from '../auth/principal.js';

const KINDS = ['open', 'administrator', 'api-key', 'user'] as const;
const PERMISSIONS = ['read', 'send', 'manage'] as const satisfies Permission[];

/** What the caller may do in one organization. */
export class MyOrganizationResponse {
  @ApiProperty({ type: String, example: 'org_123' })
  id: string;

  @ApiProperty({ type: [String], enum: PERMISSIONS })
  permissions: Permission[];
}

/** Who calls. */
export class MeResponse {
  @ApiProperty({
    type: String,
    enum: KINDS,
    description: '`open`: the service asks nobody who they are. `administrator`: the key of the environment.',
  })
  kind: Principal['kind'];

  @ApiProperty({
    type: String,
    description: 'Of the key or the user, as `actor_id` of the audit log has it.',
    example: '3f0c4c8e-6f0b-4d52-9a57-0d5c4f1e8b11',
  })
  id: string;

  @ApiProperty({ type: String, description: 'For people to read.', example: 'Reception' })
  name: string;

  @ApiProperty({ type: Boolean, description: 'It may do everything, in every organization.' })
  is_administrator: boolean;

  @ApiProperty({
    type: [MyOrganizationResponse],
    nullable: true,
    description: 'Where it may do something; null where that is everywhere.',
  })
  organizations: MyOrganizationResponse[] | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the token ends.' })
  expires_at: string | null;
}

/** @returns the caller as REST shows it */
export function toMeResponse({ kind, id, name, grants, expiresAt }: Principal): MeResponse {
  return {
    kind,
    id,
    name,
    is_administrator: grants === 'all',
    organizations:
      grants === 'all'
        ? null
        : [...grants].map(([organizationId, held]) => ({
            id: organizationId,
            permissions: PERMISSIONS.filter((permission) => held.has(permission)),
          })),
    expires_at: expiresAt?.toISOString() ?? null,
  };
}
