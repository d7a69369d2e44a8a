import { ApiPropertyOptional } from '@nestjs/swagger';
import { fieldRule } from '../../http/field-rule.js';
import { OptionalField } from '../../http/field-rules.js';

const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/** A time with its offset, or a date, which is its midnight in UTC. */
function IsIsoTime(): PropertyDecorator {
  return fieldRule('isoTime', (value) =>
    typeof value === 'string' && ISO_TIME.test(value) && !Number.isNaN(Date.parse(value))
      ? undefined
      : 'must be an ISO 8601 time with Z or an offset (write + as %2B), e.g. 2025-10-02T12:00:00Z',
  );
}

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
