import { ApiProperty } from '@nestjs/swagger';
import { AUDIT_OUTCOMES, type AuditEntry, type AuditOutcome } from '../repositories/audit.repository.js';

/** Who did what to which object when. */
export class AuditEntryResponse {
  @ApiProperty({ type: String, example: '1042' })
  id: string;

  @ApiProperty({ type: String, format: 'date-time' })
  at: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'org_123',
    description: 'null where it is about none.',
  })
  organization_id: string | null;

  @ApiProperty({
    type: String,
    example: 'api-key',
    description:
      'open, administrator, api-key, user, operator: the command line, or service: what it does by itself.',
  })
  actor_kind: string;

  @ApiProperty({ type: String, example: '3f0e4b0e-9d0c-4f4a-8f6f-7a106f1c1a52' })
  actor_id: string;

  @ApiProperty({ type: String, example: 'front desk' })
  actor_name: string;

  @ApiProperty({
    type: String,
    example: 'DELETE /api/contacts/:id',
    description: 'The route, the socket event, or the command.',
  })
  action: string;

  @ApiProperty({ type: String, nullable: true, example: 'contacts' })
  object_type: string | null;

  @ApiProperty({ type: String, nullable: true })
  object_id: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Finds the call in the log.' })
  request_id: string | null;

  @ApiProperty({ type: String, nullable: true, example: '127.0.0.1' })
  address: string | null;

  @ApiProperty({
    type: String,
    enum: AUDIT_OUTCOMES,
    description:
      'begun: it is not over, its caller went away before the answer, or the process ended; it may have been done.',
  })
  outcome: AuditOutcome;

  @ApiProperty({ type: 'integer', nullable: true, example: 200, description: 'HTTP status of the answer.' })
  status: number | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'What was asked, as far as it says nothing about a person; `fields` names the rest.',
  })
  details: Record<string, unknown>;
}

/** @returns an entry as REST shows it */
export function toAuditEntryResponse(entry: AuditEntry): AuditEntryResponse {
  return {
    id: entry.id,
    at: entry.at,
    organization_id: entry.organizationId,
    actor_kind: entry.actorKind,
    actor_id: entry.actorId,
    actor_name: entry.actorName,
    action: entry.action,
    object_type: entry.objectType,
    object_id: entry.objectId,
    request_id: entry.requestId,
    address: entry.address,
    outcome: entry.outcome,
    status: entry.status,
    details: entry.details,
  };
}
