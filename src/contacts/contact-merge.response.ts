import { ApiProperty } from '@nestjs/swagger';
import type { ContactMerge } from '../repositories/contacts.repository.js';

/** What became part of a contact. */
export class ContactMergeResponse {
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Takes it back; null where WhatsApp said that both are one person.',
  })
  merge_id: string | null;

  @ApiProperty({ type: String, format: 'uuid', description: 'Of the contact that it was.' })
  contact_id: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Which it became part of: this contact, or one that did itself.',
  })
  merged_into: string;

  @ApiProperty({ type: String, enum: ['person', 'whatsapp'], description: 'Who said that they are one.' })
  merged_by: ContactMerge['mergedBy'];

  @ApiProperty({ type: String, nullable: true, example: '5511999887766' })
  phone_number: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  lid: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Ana' })
  name: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  merged_at: string;
}

/** @returns a merge as REST shows it */
export function toContactMergeResponse(merge: ContactMerge): ContactMergeResponse {
  return {
    merge_id: merge.mergeId,
    contact_id: merge.contactId,
    merged_into: merge.mergedInto,
    merged_by: merge.mergedBy,
    phone_number: merge.phoneNumber,
    lid: merge.lid,
    name: merge.name,
    merged_at: merge.mergedAt,
  };
}
