import { ApiProperty } from '@nestjs/swagger';
import type { ChatKind } from '../common/inbox.js';
import {
  UNDECRYPTED_STATES,
  type UndecryptedMessage,
  type UndecryptedState,
} from './integrity.repository.js';

const CHAT_KINDS: readonly ChatKind[] = [
  'direct',
  'self',
  'group',
  'status',
  'broadcast',
  'newsletter',
  'bot',
  'other',
];

/** A message that could not be read, and what became of it. */
export class UndecryptedMessageResponse {
  @ApiProperty({ type: String, example: '3EB0C767D097B7C7C030', description: "WhatsApp's id." })
  message_id: string;

  @ApiProperty({ type: String, example: '5511988887777@s.whatsapp.net' })
  chat: string;

  @ApiProperty({ type: String, enum: CHAT_KINDS, example: 'direct' })
  chat_kind: ChatKind;

  @ApiProperty({ type: Boolean, example: false, description: 'Written by the linked account itself.' })
  from_me: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '5511988887777',
    description: 'Number of the other side of a direct chat, of the author elsewhere.',
  })
  phone_number: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '222',
    description: 'Privacy id of the same person.',
  })
  lid: string | null;

  @ApiProperty({ type: String, enum: UNDECRYPTED_STATES, example: 'recovered' })
  state: UndecryptedState;

  @ApiProperty({ type: String, format: 'date-time', description: 'When WhatsApp says that it was sent.' })
  sent_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  received_at: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it was recovered or given up.',
  })
  settled_at: string | null;
}

/** @returns an entry of the ledger as REST shows it */
export function toUndecryptedResponse(message: UndecryptedMessage): UndecryptedMessageResponse {
  return {
    message_id: message.messageId,
    chat: message.chat,
    chat_kind: message.chatKind,
    from_me: message.fromMe,
    phone_number: message.phone,
    lid: message.lid,
    state: message.state,
    sent_at: message.sentAt,
    received_at: message.receivedAt,
    settled_at: message.settledAt,
  };
}
