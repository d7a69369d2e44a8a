import { ApiProperty } from '@nestjs/swagger';
import { BookingResponse, toBookingResponse } from '../bookings/booking.response.js';
import { ContactResponse, toContactResponse } from '../contacts/contact.response.js';
import { MessageResponse, toMessageResponse } from '../messages/message.response.js';
import type { Conversation } from './conversations.repository.js';

/** A contact with what was written last. */
export class ConversationResponse {
  @ApiProperty({ type: ContactResponse })
  contact: ContactResponse;

  @ApiProperty({ type: MessageResponse })
  last_message: MessageResponse;

  @ApiProperty({
    type: 'integer',
    maximum: 1000,
    example: 2,
    description: 'Messages of the contact that were read neither here nor on a phone; counted up to 1,000.',
  })
  unread_count: number;

  @ApiProperty({ type: BookingResponse, nullable: true })
  open_booking: BookingResponse | null;
}

/** @returns a conversation as REST shows it */
export function toConversationResponse(conversation: Conversation): ConversationResponse {
  const { contact, lastMessage, unreadCount, openBooking } = conversation;
  return {
    contact: toContactResponse(contact),
    last_message: toMessageResponse(lastMessage),
    unread_count: unreadCount,
    open_booking: openBooking && toBookingResponse(openBooking),
  };
}
