import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import { IsIsoTime } from '../../http/iso-time.rule.js';
import { OrganizationPageDto } from '../../http/organization-page.dto.js';
import { UuidField } from '../../http/uuid-field.decorator.js';
import { BOOKING_ORDERS, type BookingSort, type BookingStatus } from '../bookings.repository.js';

export const BOOKING_STATUSES = [
  'pending',
  'confirmed',
  'cancelled',
  'completed',
] as const satisfies BookingStatus[];

/** Query of `GET /api/bookings`. */
export class ListBookingsDto extends OrganizationPageDto {
  @UuidField('Only bookings of this contact.')
  contact_id?: string;

  @ApiPropertyOptional({ type: String, enum: BOOKING_STATUSES })
  @OptionalField()
  @IsOneOf(BOOKING_STATUSES)
  status?: BookingStatus;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Only those that start then or later.',
  })
  @OptionalField()
  @IsIsoTime()
  starts_from?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Only those that start earlier.' })
  @OptionalField()
  @IsIsoTime()
  starts_before?: string;

  @ApiPropertyOptional({
    type: String,
    enum: Object.keys(BOOKING_ORDERS),
    default: '-created_at',
    description:
      'What the list is sorted by; with a `-` before it the other way round. By `starts_at` those are left out that have no time.',
  })
  @OptionalField()
  @IsOneOf(Object.keys(BOOKING_ORDERS))
  sort?: BookingSort;
}
