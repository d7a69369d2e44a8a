import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { Retention } from './retention.repository.js';

const Days = (example: number | null) =>
  applyDecorators(ApiProperty({ type: 'integer', nullable: true, example, description: 'null: for ever.' }));

/** How many days an organization keeps what. */
export class RetentionResponse {
  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @Days(null)
  messages_days: number | null;

  @Days(null)
  notes_days: number | null;

  @Days(null)
  bookings_days: number | null;

  @Days(30)
  inbox_bodies_days: number | null;

  @Days(90)
  inbox_days: number | null;

  @Days(90)
  events_days: number | null;

  @Days(365)
  audit_days: number | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'null while the defaults hold.',
  })
  updated_at: string | null;
}

/**
 * @param retention as it is stored
 * @param auditMinDays so long entries of the audit log are kept whatever is stored
 * @returns the settings as REST shows them
 */
export function toRetentionResponse(
  { organizationId, updatedAt, ...days }: Retention,
  auditMinDays: number,
): RetentionResponse {
  const auditDays = days.audit_days === null ? null : Math.max(days.audit_days, auditMinDays);
  return { organization_id: organizationId, ...days, audit_days: auditDays, updated_at: updatedAt };
}
