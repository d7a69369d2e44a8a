import { ApiProperty } from '@nestjs/swagger';
import type { ApiKey, ApiKeyScope } from '../repositories/api-key.js';

/** Who made a key. */
export class ApiKeyMakerResponse {
  @ApiProperty({
    type: String,
    enum: ['user', 'api-key', 'administrator', 'operator', 'open'],
    description: 'administrator: ADMIN_API_KEY; operator: the command line; open: a call of an open service.',
  })
  kind: string;

  @ApiProperty({ type: String, description: 'Of the user or key; the name of the system user of a command.' })
  id: string;

  @ApiProperty({
    type: String,
    description: 'For people: the name that the key had.',
    example: 'Provisioning',
  })
  name: string;
}

/** An API key, without the key itself. */
export class ApiKeyResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Null for a key of the whole service.',
    example: 'org_123',
  })
  organization_id: string | null;

  @ApiProperty({ type: String, example: 'Booking site' })
  name: string;

  @ApiProperty({ type: String, description: 'How the key begins.', example: 'auz_4f1c09ab' })
  prefix: string;

  @ApiProperty({ type: [String], enum: ['read', 'send', 'manage', 'admin'], example: ['read', 'send'] })
  scopes: ApiKeyScope[];

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  expires_at: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Up to a minute late.',
    example: null,
  })
  last_used_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  revoked_at: string | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The key that took its place.',
    example: null,
  })
  replaced_by: string | null;

  @ApiProperty({
    type: ApiKeyMakerResponse,
    nullable: true,
    description: 'Whoever made it, or rotated it into this one. Null where that is not known: of older keys.',
  })
  created_by: ApiKeyMakerResponse | null;
}

export function toApiKeyResponse(key: ApiKey): ApiKeyResponse {
  return {
    id: key.id,
    organization_id: key.organizationId,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
    replaced_by: key.replacedBy,
    created_by: key.createdBy,
  };
}
