import { ApiProperty } from '@nestjs/swagger';
import { codeOfStored, SEND_FAILURE_CODES, type SendFailureCode } from '../common/send-failures.js';
import { MESSAGE_STATUSES } from './dto/message-statuses.js';
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

/** A message of a conversation with a client. */
export class MessageResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, format: 'uuid' })
  instance_id: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  contact_id: string | null;

  @ApiProperty({ type: String, enum: ['inbound', 'outbound'] })
  direction: Message['direction'];

  @ApiProperty({ type: String, example: 'Hello from AuZap!' })
  content: string;

  @ApiProperty({
    type: String,
    example: 'conversation',
    description: "WhatsApp's name for the kind of message.",
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
    direction: message.direction,
    content: message.content,
    content_type: message.contentType,
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
