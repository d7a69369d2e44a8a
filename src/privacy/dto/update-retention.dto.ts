import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsWholeNumber, NullableField } from '../../http/field-rules.js';

const MAX_DAYS = 36_500;

/** A number of days, or `null` for ever. */
function Days(min: number, description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: 'integer', nullable: true, minimum: min, maximum: MAX_DAYS, description }),
    NullableField(),
    IsWholeNumber(min, MAX_DAYS),
  );
}

/** Body of `PATCH /api/organizations/:id/retention`: days, or null for ever. What is left out stays as it is. */
export class UpdateRetentionDto {
  @Days(1, 'Messages of both directions.')
  messages_days?: number | null;

  @Days(1, "The owner's notes.")
  notes_days?: number | null;

  @Days(1, 'Bookings to which nothing happened for so long.')
  bookings_days?: number | null;

  @Days(1, 'What WhatsApp delivered, once it was processed; 30 by default.')
  inbox_bodies_days?: number | null;

  @Days(45, 'The rows without it, which know what is delivered again; 90 by default.')
  inbox_days?: number | null;

  @Days(1, 'Events for replay; 90 by default.')
  events_days?: number | null;

  @Days(
    30,
    'Entries of the audit log; 365 by default, and no fewer than the operator sets: AUDIT_MIN_DAYS, 365 by default.',
  )
  audit_days?: number | null;
}
