import { ApiPropertyOptional } from '@nestjs/swagger';
import { OptionalField } from '../../http/field-rules.js';
import { IsIsoTime } from '../../http/iso-time.js';

/** Query of `GET /api/whatsapp/instances/:id/integrity`. */
export class IntegrityQueryDto {
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Start of the period; 24 hours before `to` where left out.',
  })
  @OptionalField()
  @IsIsoTime()
  from?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'End of the period, not part of it; now where left out. At most 90 days after `from`.',
  })
  @OptionalField()
  @IsIsoTime()
  to?: string;
}
