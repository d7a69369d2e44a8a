import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsText, IsUuid, NullableField } from '../../http/field-rules.js';
import { IsIsoTime } from '../../http/iso-time.rule.js';
import { OrganizationDto } from '../../http/organization.dto.js';

const MAX_TITLE_LENGTH = 200;
const MAX_NOTES_LENGTH = 10_000;

/** What people say of a booking. */
export class BookingWordsDto extends OrganizationDto {
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MAX_TITLE_LENGTH, example: 'Haircut' })
  @NullableField()
  @IsText({ max: MAX_TITLE_LENGTH })
  title?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MAX_NOTES_LENGTH, example: 'Short' })
  @NullableField()
  @IsText({ max: MAX_NOTES_LENGTH, isMultiline: true })
  notes?: string | null;

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @NullableField()
  @IsIsoTime()
  starts_at?: string | null;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    description:
      'Later than `starts_at`. With a service, what is left out is its duration after `starts_at`.',
  })
  @NullableField()
  @IsIsoTime()
  ends_at?: string | null;

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '7c1b6a52-0d4f-4f57-8f0c-5b1f3c1f2a90',
    description: "One of the organization's services (`GET /api/organizations/:id/settings`).",
  })
  @NullableField()
  @IsUuid()
  service_id?: string | null;
}
