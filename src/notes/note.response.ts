import { ApiProperty } from '@nestjs/swagger';
import { MESSAGE_TYPES } from '../common/message-types.js';
import { MessageMediaResponse } from '../http/message-media.response.js';
import { ReactionResponse, RepliedResponse, toReactionResponse } from '../http/message-parts.response.js';
import type { Note } from './notes.repository.js';

/** Who wrote a note here. */
export class NoteAuthorResponse {
  @ApiProperty({ type: String, enum: ['open', 'administrator', 'api-key', 'user'] })
  kind: string;

  @ApiProperty({ type: String, description: 'Of the user or of the API key.', example: 'open' })
  id: string;

  @ApiProperty({ type: String, example: 'Front desk' })
  name: string;
}

/** What the owner wrote on the phone, or somebody here; internal. */
export class NoteResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, enum: ['phone', 'person'], description: 'Where it was written.' })
  source: 'phone' | 'person';

  @ApiProperty({
    type: NoteAuthorResponse,
    nullable: true,
    description: 'Who wrote it here; null for one of the phone.',
  })
  author: NoteAuthorResponse | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Null for one that was written here.',
  })
  instance_id: string | null;

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

  @ApiProperty({
    type: String,
    nullable: true,
    example: '3EB0C767D097B7C7C030',
    description: 'Null for one that was written here.',
  })
  whatsapp_message_id: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'When it was written; of one of the phone, what WhatsApp says.',
  })
  sent_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
}

/** @returns a note as REST shows it */
export function toNoteResponse(note: Note): NoteResponse {
  return {
    id: note.id,
    organization_id: note.organizationId,
    source: note.createdBy === null ? 'phone' : 'person',
    author: note.createdBy,
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
