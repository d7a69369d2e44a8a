import { ApiProperty } from '@nestjs/swagger';
import type { Booking, BookingStatus } from './bookings.repository.js';
import { BOOKING_STATUSES } from './dto/list-bookings.dto.js';

/** A booking that a client's message opened, or that somebody made. */
export class BookingResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, format: 'uuid' })
  contact_id: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  instance_id: string | null;

  @ApiProperty({ type: String, enum: BOOKING_STATUSES, example: 'pending' })
  status: BookingStatus;

  @ApiProperty({
    type: String,
    example: 'whatsapp',
    description: "`whatsapp`: a client's message opened it; `api`: somebody made it.",
  })
  source: string;

  @ApiProperty({
    type: String,
    enum: ['first_message', 'policy'],
    nullable: true,
    description:
      "Why the service opened it by itself: a contact's first message of all, or the booking policy with a later one. null: somebody made it.",
  })
  reason: string | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: "One of the organization's services.",
  })
  service_id: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Haircut',
    description: 'How the service was called when it was chosen.',
  })
  service: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Haircut' })
  title: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Short, as last time' })
  notes: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  starts_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  ends_at: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  updated_at: string;
}

/** @returns a booking as REST shows it */
export function toBookingResponse(booking: Booking): BookingResponse {
  return {
    id: booking.id,
    organization_id: booking.organizationId,
    contact_id: booking.contactId,
    instance_id: booking.instanceId,
    status: booking.status,
    source: booking.source,
    reason: booking.reason,
    service_id: booking.serviceId,
    service: booking.service,
    title: booking.title,
    notes: booking.notes,
    starts_at: booking.startsAt,
    ends_at: booking.endsAt,
    created_at: booking.createdAt,
    updated_at: booking.updatedAt,
  };
}
