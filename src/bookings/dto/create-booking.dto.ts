import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, IsUuid, OptionalField } from '../../http/field-rules.js';
import { BookingWordsDto } from './booking-words.dto.js';

const FIRST_STATUSES = ['pending', 'confirmed'] as const;

/** Body of `POST /api/bookings`. */
export class CreateBookingDto extends BookingWordsDto {
  @ApiProperty({ type: String, format: 'uuid', example: '3f0c4c8e-6f0b-4d52-9a57-0d5c4f1e8b11' })
  @IsUuid()
  contact_id!: string;

  @ApiPropertyOptional({ type: String, enum: FIRST_STATUSES, default: 'pending' })
  @OptionalField()
  @IsOneOf(FIRST_STATUSES)
  status?: (typeof FIRST_STATUSES)[number];
}
