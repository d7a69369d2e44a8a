import { ApiProperty } from '@nestjs/swagger';
import type { Contact } from '../repositories/contacts.repository.js';

/** A client of an organization. */
export class ContactResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: "null while only the LID is known, and once the number is somebody else's.",
    example: '5511999887766',
  })
  phone_number: string | null;

  @ApiProperty({ type: String, nullable: true, description: "WhatsApp's privacy id.", example: null })
  lid: string | null;

  @ApiProperty({ type: String, example: 'Ana', description: 'Unknown until somebody names it.' })
  name: string;

  @ApiProperty({ type: String, enum: ['unknown', 'push', 'person'], description: 'Who gave the name.' })
  name_source: Contact['nameSource'];

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  last_message_at: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  updated_at: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description:
      'Where another id was asked for: that contact was joined with this one, whose id this is. Otherwise null.',
    example: null,
  })
  merged_into: string | null;
}

/**
 * @param asked the id under which it was asked for
 * @returns a contact as REST shows it
 */
export function toContactResponse(contact: Contact, asked = contact.id): ContactResponse {
  return {
    id: contact.id,
    organization_id: contact.organizationId,
    phone_number: contact.phoneNumber,
    lid: contact.lid,
    name: contact.name,
    name_source: contact.nameSource,
    last_message_at: contact.lastMessageAt,
    created_at: contact.createdAt,
    updated_at: contact.updatedAt,
    merged_into: asked === contact.id ? null : contact.id,
  };
}
