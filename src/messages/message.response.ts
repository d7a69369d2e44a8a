import { ApiProperty } from '@nestjs/swagger';
import { codeOfStored, SEND_FAILURE_CODES, type SendFailureCode } from '../common/send-failures.js';
import { MESSAGE_TYPES } from '../common/message-types.js';
import { ReactionResponse, RepliedResponse, toReactionResponse } from '../http/message-parts.response.js';
import { MESSAGE_STATUSES } from './dto/message-statuses.js';
import { MessageMediaResponse } from '../http/message-media.response.js';
import type { DeliveryStatus, Message, MessageStatus, StatusTimes } from '../repositories/message.js';

/** When an outbound message came to each of its statuses. */
export class StatusTimesResponse implements Record<DeliveryStatus, string | null> {
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  sent: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  delivered: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  read: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  played: string | null;
}

/** A text that a message had before. */
export class EarlierTextResponse {
  @ApiProperty({ type: String })
  content: string;

  @ApiProperty({ type: String, format: 'date-time', description: 'When it was edited away.' })
  edited_at: string;
}

/** Who wrote a message of a group. */
export class MessageSenderResponse {
  @ApiProperty({ type: String, nullable: true, example: 'Ana' })
  name: string | null;

  @ApiProperty({ type: String, nullable: true, example: '5511988887777' })
  phone_number: string | null;

  @ApiProperty({ type: String, nullable: true })
  lid: string | null;
}

/** A message of a conversation with a client, or of a group. */
export class MessageResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, format: 'uuid' })
  instance_id: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  contact_id: string | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The group in which it was written; such a message has no contact.',
    example: null,
  })
  group_id: string | null;

  @ApiProperty({ type: MessageSenderResponse, nullable: true, description: 'Who wrote it, in a group.' })
  sender: MessageSenderResponse | null;

  @ApiProperty({ type: String, enum: ['inbound', 'outbound'] })
  direction: Message['direction'];

  @ApiProperty({ type: String, example: 'Hello from AuZap!' })
  content: string;

  @ApiProperty({ type: String, enum: MESSAGE_TYPES, description: '`unsupported`: what nobody knows yet.' })
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

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'Why the service wrote it by itself: `automatic: first_message`, `automatic: outside_hours`, `automatic: booking_confirmed` or `automatic: booking_cancelled`. null: somebody wrote it.',
    example: null,
  })
  reason: string | null;

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
    example: 'conversation',
    description: "WhatsApp's name for the kind of message; `text` for a plain text of the API.",
  })
  content_type: string;

  @ApiProperty({ type: String, nullable: true, example: '3EB0C767D097B7C7C030' })
  whatsapp_message_id: string | null;

  @ApiProperty({
    type: String,
    enum: MESSAGE_STATUSES,
    description:
      'pending: about to be sent. unknown: it may or may not have left; this is resolved later, never by sending it under another id.',
  })
  status: MessageStatus;

  @ApiProperty({
    type: StatusTimesResponse,
    description:
      'When WhatsApp took it, and when the recipient had, read and played it, as far as that is known.',
  })
  status_at: StatusTimesResponse;

  @ApiProperty({
    type: String,
    enum: SEND_FAILURE_CODES,
    nullable: true,
    description:
      'Why sending failed, while `status` is `failed`; the `code` that whoever sent it was told. What each means is said at the call that sends.',
    example: null,
  })
  error: SendFailureCode | null;

  @ApiProperty({ type: String, format: 'date-time', description: 'When WhatsApp says that it was sent.' })
  sent_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
}

/** @returns a message as REST shows it */
export function toMessageResponse(message: Message): MessageResponse {
  return {
    id: message.id,
    organization_id: message.organizationId,
    instance_id: message.instanceId,
    contact_id: message.contactId,
    group_id: message.groupId,
    sender: message.sender,
    direction: message.direction,
    content: message.content,
    content_type: message.contentType,
    type: message.type,
    metadata: message.metadata,
    reply_to: message.replyTo,
    mentions: message.mentions,
    is_forwarded: message.isForwarded,
    is_view_once: message.isViewOnce,
    reactions: message.reactions.map(toReactionResponse),
    media: message.media,
    reason: message.reason,
    edited_at: message.editedAt,
    deleted_at: message.deletedAt,
    whatsapp_message_id: message.whatsappMessageId,
    status: message.status,
    status_at: toStatusTimes(message.statusAt),
    error: message.status === 'failed' ? codeOfStored(message.error) : null,
    sent_at: message.sentAt,
    created_at: message.createdAt,
  };
}

function toStatusTimes({ sent, delivered, read, played }: StatusTimes): StatusTimesResponse {
  return { sent: sent ?? null, delivered: delivered ?? null, read: read ?? null, played: played ?? null };
}
