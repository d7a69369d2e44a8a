import { ApiProperty } from '@nestjs/swagger';

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
      'unknown: WhatsApp did not confirm it in time; it is never sent a second time under another id.',
  })
  status: 'sent' | 'unknown';
}
