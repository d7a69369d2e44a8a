import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import type { BookingStatus } from '../bookings.repository.js';
import { BookingWordsDto } from './booking-words.dto.js';
import { BOOKING_STATUSES } from './list-bookings.dto.js';

/** Body of `PATCH /api/bookings/:id`: what is left out stays as it is, `null` takes it away. */
export class ChangeBookingDto extends BookingWordsDto {
  @ApiPropertyOptional({
    type: String,
    enum: BOOKING_STATUSES,
    description:
      '`pending` becomes `confirmed` or `cancelled`, `confirmed` becomes `completed` or `cancelled`.',
  })
  @OptionalField()
  @IsOneOf(BOOKING_STATUSES)
  status?: BookingStatus;
}
