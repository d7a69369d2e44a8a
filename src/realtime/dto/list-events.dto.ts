import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsWholeNumber, OptionalField } from '../../http/field-rules.js';
import { OrganizationDto } from '../../http/organization.dto.js';
import { toWholeNumber } from '../../http/page.dto.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;
/** In seconds; half of what a connection may be silent. */
const MAX_WAIT = 60;

/** Query of `GET /api/events`. */
export class ListEventsDto extends OrganizationDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    default: 0,
    description: 'Sequence of the last event that the caller has; 0 for all.',
  })
  @Transform(toWholeNumber)
  @OptionalField()
  @IsWholeNumber(0, Number.MAX_SAFE_INTEGER)
  after: number = 0;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @Transform(toWholeNumber)
  @OptionalField()
  @IsWholeNumber(1, MAX_LIMIT)
  limit: number = DEFAULT_LIMIT;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_WAIT,
    default: 0,
    description:
      'How many seconds to wait for the next event where there is none; the list is empty where none came.',
  })
  @Transform(toWholeNumber)
  @OptionalField()
  @IsWholeNumber(0, MAX_WAIT)
  wait: number = 0;
}
