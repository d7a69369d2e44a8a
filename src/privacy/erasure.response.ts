import { ApiProperty } from '@nestjs/swagger';
import type { ErasureReceipt } from './erasures.repository.js';

/** What was erased of a contact; it names nobody. */
export class ErasureResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, format: 'uuid', description: 'Of the contact that was.' })
  contact_id: string;

  @ApiProperty({ type: String, format: 'date-time' })
  requested_at: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'null while it is under way; it is finished by itself.',
  })
  erased_at: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description:
      'Rows by kind: deleted (contacts, messages, notes, bookings, pending_changes, session_keys) or emptied (inbox, events, undecrypted).',
    example: {
      contacts: 1,
      messages: 12,
      notes: 2,
      bookings: 1,
      inbox: 14,
      events: 9,
      undecrypted: 0,
      pending_changes: 0,
      session_keys: 3,
    },
  })
  counts: Record<string, number>;
}

/** @returns a receipt as REST shows it */
export function toErasureResponse(receipt: ErasureReceipt): ErasureResponse {
  return {
    id: receipt.id,
    organization_id: receipt.organizationId,
    contact_id: receipt.contactId,
    requested_at: receipt.requestedAt,
    erased_at: receipt.erasedAt,
    counts: receipt.counts,
  };
}
