import { ApiProperty } from '@nestjs/swagger';
import { MESSAGE_TYPES } from '../common/message-types.js';
import { MessageMediaResponse } from '../http/message-media.response.js';
import { ReactionResponse, RepliedResponse, toReactionResponse } from '../http/message-parts.response.js';
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

  @ApiProperty({ type: String, enum: MESSAGE_TYPES, description: 'As that of a message.' })
  type: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'What is in it, by `type`; see docs/messages.md.',
  })
  metadata: Record<string, unknown> | null;

  @ApiProperty({ type: RepliedResponse, nullable: true, description: 'The message that it answers.' })
  reply_to: RepliedResponse | null;

  @ApiProperty({ type: [String], example: ['5511988887777'] })
  mentions: string[];

  @ApiProperty({ type: Boolean })
  is_forwarded: boolean;

  @ApiProperty({ type: Boolean })
  is_view_once: boolean;

  @ApiProperty({ type: [ReactionResponse], description: 'Those that stand.' })
  reactions: ReactionResponse[];

  @ApiProperty({ type: MessageMediaResponse, nullable: true, description: 'The file of it.' })
  media: MessageMediaResponse | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  edited_at: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Taken back for everyone; nothing of what it said is left.',
  })
  deleted_at: string | null;

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
    type: note.type,
    metadata: note.metadata,
    reply_to: note.replyTo,
    mentions: note.mentions,
    is_forwarded: note.isForwarded,
    is_view_once: note.isViewOnce,
    reactions: note.reactions.map(toReactionResponse),
    media: note.media,
    edited_at: note.editedAt,
    deleted_at: note.deletedAt,
    whatsapp_message_id: note.whatsappMessageId,
    sent_at: note.sentAt,
    created_at: note.createdAt,
  };
}
