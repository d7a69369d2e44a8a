import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsWholeNumber, OptionalField } from '../../http/field-rules.js';
import { OrganizationDto } from '../../http/organization.dto.js';
import { toWholeNumber } from '../../http/page.dto.js';

/** Query of `GET /api/events/stream`. */
export class StreamEventsDto extends OrganizationDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description:
      'Sequence of the last event that the caller has; 0 for all, left out: from now on. `Last-Event-ID` goes before it.',
  })
  @Transform(toWholeNumber)
  @OptionalField()
  @IsWholeNumber(0, Number.MAX_SAFE_INTEGER)
  after?: number;
}
