import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsWholeNumber, OptionalField } from '../../http/field-rules.js';
import { toWholeNumber } from '../../http/page.dto.js';

const DEFAULT_MINUTES = 60;
const MAX_MINUTES = 180;

/** Query of `GET /api/admin/throughput`. */
export class ThroughputDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_MINUTES,
    default: DEFAULT_MINUTES,
    description: 'How many minutes, up to now.',
  })
  @Transform(toWholeNumber)
  @OptionalField()
  @IsWholeNumber(1, MAX_MINUTES)
  minutes: number = DEFAULT_MINUTES;
}
