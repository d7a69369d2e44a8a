import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { SentText } from '../baileys/outbound/message-sender.js';

/** Answer of `POST /api/whatsapp/instances/:id/send`. */
export class SentMessageResponse {
  @ApiProperty({ type: Boolean, enum: [true], example: true })
  success: true;

  @ApiProperty({ type: String, format: 'uuid', description: 'Of the row in `messages`.' })
  message_id: string;

  @ApiProperty({
    type: String,
    example: '3EB0C767D097B7C7C030',
    description: "WhatsApp's id of the message.",
  })
  whatsapp_message_id: string;

  @ApiProperty({
    type: String,
    enum: ['sent', 'unknown'],
    description:
      'unknown: WhatsApp did not confirm it in time; it is resolved later, never by sending it under another id.',
  })
  status: 'sent' | 'unknown';

  @ApiPropertyOptional({
    type: String,
    example: '/api/messages/1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11',
    description: 'Only with 202: where to ask how it went.',
  })
  status_url?: string;
}

/** @returns what REST answers about a message that was sent */
export function toSentMessageResponse(sent: SentText): SentMessageResponse {
  return {
    success: true,
    message_id: sent.messageId,
    whatsapp_message_id: sent.whatsappMessageId,
    status: sent.status,
    ...(sent.status === 'unknown' && { status_url: `/api/messages/${sent.messageId}` }),
  };
}
