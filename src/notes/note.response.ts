import { ApiProperty } from '@nestjs/swagger';
import type { Note } from './notes.repository.js';

/** What the owner wrote on the phone; internal. */
export class NoteResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, format: 'uuid' })
  instance_id: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The contact it was written to, if known.',
  })
  contact_id: string | null;

  @ApiProperty({ type: String, example: 'Call Ana back on Monday' })
  content: string;

  @ApiProperty({
    type: String,
    example: 'conversation',
    description: "WhatsApp's name for the kind of message.",
  })
  content_type: string;

  @ApiProperty({ type: String, example: '3EB0C767D097B7C7C030' })
  whatsapp_message_id: string;

  @ApiProperty({ type: String, format: 'date-time', description: 'When WhatsApp says that it was written.' })
  sent_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
}

/** @returns a note as REST shows it */
export function toNoteResponse(note: Note): NoteResponse {
  return {
    id: note.id,
    organization_id: note.organizationId,
    instance_id: note.instanceId,
    contact_id: note.contactId,
    content: note.content,
    content_type: note.contentType,
    whatsapp_message_id: note.whatsappMessageId,
    sent_at: note.sentAt,
    created_at: note.createdAt,
  };
}
